"""The files about every k at once, docs/spec/uniform-v1.md. Their names start with "uniform-".

make_corpus.py makes them with all others; alone: PYTHONPATH=tools python -m makers.uniform [FOLDER]
"""
