"""What makes the files of tests/corpus, for ../make_corpus.py and ../make_corpus_cnn.py."""
