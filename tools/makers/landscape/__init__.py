"""The files about the designed landscape, docs/spec/landscape-v1.md. Their names start with "landscape-".

make_corpus.py makes them with all others; alone: PYTHONPATH=tools python -m makers.landscape [FOLDER]
"""
