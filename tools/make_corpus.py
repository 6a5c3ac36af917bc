"""Makes tests/corpus, certificates to accept and not to: python tools/make_corpus.py [FOLDER]

accept/         true and well-formed
reject/         a claim is refuted, or a rule of docs/spec/certificate-v1.md between exact numbers is broken
not-confirmed/  false, or not known to be true, in a way that a checker's own bounds need not refute
malformed/      step 0 of the specification fails

The true ones are proved by relucert at fixed points and signed with a test key, whose private half anyone can
derive from the seed below: it proves nothing, and exists so that signatures are no reason to refuse a false
statement. The false ones are edits of true ones; where a bound is tightened, past the true number, which is
computed at 256 bits (judge.truth), by a relative 2^-12 unless the line says otherwise. NAME.md
says in one line what is wrong. The same installation always makes the same files; old ones are removed, but
for those of make_corpus_cnn.py, cnn-*.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import corpus_filter
from corpus_keys import TEST_KEY, signed
from judge.documents import ROOT
from makers import (
    converges,
    expression,
    expression_images,
    expression_orbits,
    ntk_gram,
    ntk_shallow,
    octopus,
    outputs,
    runs,
    signed_runs,
    wide_deep,
    wider,
)
from makers import signed as signed_networks
from makers.factorisation import all as factorisation
from makers.folder import KEEP, Corpus
from makers.landscape import all as landscape
from makers.teacher import barrier, collapsed, owners, witness
from makers.teacher.accepted import accepted
from makers.teacher.cases import Case, bounds_past_the_truth
from makers.teacher.malformed import malformed
from makers.teacher.points import SADDLE, prove, rough
from makers.teacher.rejected import rejected, rejected_sharp
from makers.teacher.symmetric import malformed_symmetric, rejected_symmetric
from makers.uniform import all as uniform


def main() -> None:
    corpus = Corpus(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus")
    made = accepted(corpus)
    names = {"spurious": "spurious-6-6", "local": "local-2-3", "global": "global-2-2-exchanged"}
    names |= {"away": "not-critical-antiparallel"}
    cases = {name: Case(name, made[file]) for name, file in names.items()}
    cases["saddle"] = Case("saddle", prove(rough(SADDLE), raw=True))
    bounds_past_the_truth(corpus, list(cases.values()))
    rejected(corpus, cases)
    rejected_sharp(corpus, made)
    rejected_symmetric(corpus, made)
    malformed_symmetric(corpus, made)
    malformed(corpus, made["local-2-3"], made["not-critical-antiparallel"])
    witness.add(corpus)
    barrier.add(corpus)
    owners.add(corpus)
    collapsed.add(corpus)
    corpus_filter.add(corpus.put, signed)
    uniform.add(corpus.put)
    landscape.add(corpus.put)
    octopus.add(corpus.put)
    ntk_gram.add(corpus.put)
    ntk_shallow.add(corpus.put)
    factorisation.add(corpus.put)
    wide_deep.add(corpus.put)
    runs.add(corpus.put)
    wider.add(corpus.put)
    converges.add(corpus.put)
    outputs.add(corpus.put)
    signed_networks.add(corpus)
    signed_runs.add(corpus.put)
    expression.add(corpus.put)
    expression_images.add(corpus.put)
    expression_orbits.add(corpus.put)
    pem = TEST_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (corpus.folder / "key.pub").write_bytes(pem)
    for kind in reversed(KEEP):
        print(f"{kind}: {len(list((corpus.folder / kind).glob('*.json')))}")


if __name__ == "__main__":
    main()
