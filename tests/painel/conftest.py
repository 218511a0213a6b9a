from tests.nfse.conftest import nfse_vivo

__all__ = ["nfse_vivo"]
