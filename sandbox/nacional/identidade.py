"""Who calls: the holder of the connection's certificate."""

from datetime import datetime

from django.http import HttpRequest

from sandbox.autoridade import cnpj_do_certificado, cpf_do_certificado
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.nacional.codigos import recusa, sem_codigo
from sandbox.nacional.opcoes import Opcoes
from sandbox.nucleo import certificado

CABECALHO = "X-Sandbox-Documento"  # who calls, when the setting turns mutual TLS off
_RECUSADO, _SEM_CERTIFICADO = 403, 401


def do_chamador(request: HttpRequest, opcoes: Opcoes, agora: datetime, *, emite: bool) -> str:
    """CNPJ or CPF. Raises Recusa 403 with the code of what is wrong with the certificate; without one 401, where the
    resource documents it (403 for who issues)."""
    if not opcoes["mtls"]:
        documento = request.headers.get(CABECALHO, "")
        if not (cnpj_valido(documento) or cpf_valido(documento)):
            raise recusa("E1209", f"Informe {CABECALHO}.", http=_RECUSADO)
        return documento
    apresentado = certificado.do_cliente(request)
    if apresentado is None and emite:
        raise recusa("E1200", "A conexão não apresentou certificado.", http=_RECUSADO)
    if apresentado is None:
        raise sem_codigo(_SEM_CERTIFICADO, "A conexão exige certificado de cliente.")
    if not certificado.dentro_da_validade(apresentado, agora):
        raise recusa("E1203", http=_RECUSADO)
    if not certificado.da_autoridade(apresentado):
        raise recusa("E1205", http=_RECUSADO)
    documento = cnpj_do_certificado(apresentado) or cpf_do_certificado(apresentado) or ""
    if not documento:
        raise recusa("E1209", http=_RECUSADO)
    return documento
