"""The certificate with which the autor of a request signs, from the vault to memory and no further."""

from comum import segredos
from comum.cofre import CofreErro
from credentials.models import Vinculo
from credentials.services.acesso import acesso_de_nome
from guias.providers.interface import Partes
from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado
from operacoes.models import Operacao


def certificado_do_autor(operacao: Operacao, partes: Partes) -> Certificado:
    """Raises AccessDenied: of the credencial when it cannot be used, of the empresa when the autor has none here."""
    if partes.autor == partes.contratante:
        certificado = acesso_de_nome(operacao.acesso).certificado
        if certificado is not None:
            return certificado
    vinculo = Vinculo.objects.select_related("procurador_certificado").filter(empresa=operacao.empresa_id).first()
    guardado = vinculo.procurador_certificado if vinculo and vinculo.procurador == partes.autor else None
    if guardado is None:
        raise _negado("Falta o certificado A1 do autor do pedido. Envie-o na janela API Integra Contador.")
    if guardado.vencido:
        raise _negado("O certificado do autor do pedido venceu. Envie o renovado na janela API Integra Contador.")
    try:
        return Certificado(segredos.abrir(guardado, "pfx"), segredos.abrir_texto(guardado, "senha"))
    except CofreErro as erro:
        raise _negado("O certificado do autor não abre com as chaves deste servidor (COFRE_CHAVES).") from erro


def _negado(mensagem: str) -> AccessDenied:
    return AccessDenied(mensagem, alcance=Alcance.EMPRESA, codigo="SEM-CERTIFICADO-DO-AUTOR")
