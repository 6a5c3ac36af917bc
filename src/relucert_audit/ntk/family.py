"""The methods of wide networks."""

from relucert_audit.method import Method
from relucert_audit.ntk import gram

NAME = "wide-network"
METHODS = {
    (NAME, "gram"): Method(gram.read, gram.admit, gram.prove, since=1, evidence=gram.EVIDENCE),
}
