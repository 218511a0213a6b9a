"""A company that issues by the national system, at the simulator."""

from decimal import Decimal
from typing import Any

from comum.models import Usuario
from credentials.services import certificados
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from nfse.providers.nacional.parametros import Convenio
from nfse.services.nacional import guardar_convenio
from tests.cast import criar_empresa
from tests.nfse.escritorio import BARREIROS, item, rascunho
from tests.sandbox_fixture import SandboxVivo

SENHA = "a1"


def canal_no_nacional(sandbox: SandboxVivo, numero: int, *, lido: bool = True, **campos: Any) -> CanalNfse:
    """A channel with an A1 of the simulator's authority; `lido`: the agreement of its município was read already."""
    empresa = criar_empresa(numero, regime="presumido", municipio=BARREIROS, letras=numero % 2 == 0)
    if lido:
        guardar_convenio(BARREIROS, Convenio(True, True, True, True, True))
    pfx = sandbox.controle.post("a1", {"cnpj": empresa.documento, "nome": "TESTE", "senha": SENHA}).content
    return CanalNfse.objects.create(
        codigo=numero,
        empresa=empresa,
        tipo=TipoCanal.NACIONAL,
        serie="1",
        certificado=certificados.guardar(pfx, SENHA, certificados.ler_pfx(pfx, SENHA)),
        **{"carga_federal": Decimal(13), "carga_estadual": Decimal(0), "carga_municipal": Decimal(3), **campos},
    )


def nacional(canal: CanalNfse, usuario: Usuario, valor: str = "1000.00", tomador: Tomador | None = None) -> Nota:
    um = item(valor, atividade=None, item_lc116="7.13", codigo_nacional="071301")
    return rascunho(canal, usuario, um, tomador=tomador)
