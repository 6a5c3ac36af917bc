"""What knows nothing of networks: exact numbers, files, the console, processes."""
