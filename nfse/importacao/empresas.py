"""Finds the empresa that a line of a file speaks of: by its código or its CNPJ."""

from typing import Any

from comum.documentos import Invalido, Motivo, documento
from comum.models import Usuario
from empresas.importacao.base import ArquivoRecusado
from empresas.models import Empresa

SEM_EMPRESA = Invalido(
    Motivo.TAMANHO, "Falta a empresa que presta o serviço: código ou CNPJ. Ou escolha a empresa ao enviar o arquivo."
)
_FORA = "não cadastrada, ou fora das suas carteiras"


class Empresas:
    """The empresas of the user, read once for a whole file."""

    def __init__(self, usuario: Usuario) -> None:
        self._por_codigo: dict[str, int] = {}
        self._por_documento: dict[str, int] = {}
        self._sem_zeros: dict[str, list[int]] = {}
        for pk, codigo, doc in Empresa.objects.visiveis(usuario).values_list("pk", "codigo", "documento"):
            self._por_documento[doc] = pk
            if codigo:
                self._por_codigo[codigo] = pk
                self._sem_zeros.setdefault(codigo.lstrip("0"), []).append(pk)

    def achar(self, texto: str) -> str | Invalido:
        """Key of the empresa, as text. A código whose zeros a spreadsheet ate is found when it is the only one."""
        if pk := self._por_codigo.get(texto):
            return str(pk)
        lido = documento(texto)
        if isinstance(lido, str):
            pk = self._por_documento.get(lido)
            return str(pk) if pk else Invalido(Motivo.INEXISTENTE, f"Empresa {_FORA}. Confira o CNPJ.")
        if len(texto) > 12:  # longer than any código
            return lido
        sem_zeros = self._sem_zeros.get(texto.lstrip("0"), [])
        if len(sem_zeros) == 1:
            return str(sem_zeros[0])
        if sem_zeros:
            return Invalido(Motivo.PROIBIDO, f"O código {texto} serve a mais de uma empresa. Use o CNPJ.")
        return Invalido(Motivo.INEXISTENTE, f"Empresa de código {texto} {_FORA}. Use o código ou o CNPJ do cadastro.")


def empresa_padrao(usuario: Usuario, parametros: dict[str, Any]) -> int | None:
    """The empresa of the lines that name none, chosen when the file was sent. Raises ArquivoRecusado."""
    pk = parametros.get("empresa")
    if pk is None:
        return None
    if not Empresa.objects.visiveis(usuario).filter(pk=pk).exists():
        raise ArquivoRecusado("A empresa escolhida ao enviar não está mais nas suas carteiras. Envie de novo.")
    return int(pk)
