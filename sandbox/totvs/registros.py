"""The registers of the ERP: what codes exist. Codes are compared without case and without trailing blanks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sandbox.nucleo.livro import gravacao
from sandbox.totvs.fornecedores_teste import FORNECEDORES_DE_TESTE
from sandbox.totvs.models import Registros as Linha

NORMAL, ANTECIPACAO, PREVISAO, PROVISAO = "normal", "antecipacao", "previsao", "provisao"
RETIDO, TAXADO = "imposto_retido", "imposto_taxado"
TIPOS_DE_ESPECIE = (NORMAL, ANTECIPACAO, PREVISAO, PROVISAO, RETIDO, TAXADO)

# For the registers of a client: town halls, which are paid the ISS, and who renders services.
PREFEITURAS, PRESTADORES = range(3001, 3021), range(2001, 2011)
INICIAL: dict[str, Any] = {
    "empresas": ["001"],
    "estabelecimentos": {"100": "001"},
    "fornecedores": {
        "95": "FORNECEDOR",
        "1": "Fornecedor",
        "12704": "NCOM",
        **{str(codigo): "PREFEITURA" for codigo in PREFEITURAS},
        **{str(codigo): "PRESTADOR" for codigo in PRESTADORES},
        **{str(teste.codigo): "TESTE" for teste in FORNECEDORES_DE_TESTE},
    },
    "inativos": [],
    "especies": {"DP": NORMAL, "IM": NORMAL, "AN": ANTECIPACAO, "PR": PREVISAO, "IR": RETIDO},
    "portadores": ["90000", "03399"],
    "moedas": ["Real"],
    "contas": {"Geral": ["11031601", "21010606"]},
    "unidades": ["1"],
    "fluxos": ["10.06.01"],
    "centros": {},
    "matriz_padrao": "EMS2",
    "matrizes": {"EMS2": {}},
    "periodos": [{"de": "2024-01-01", "ate": "2027-12-31"}],
}
_LISTAS = ("empresas", "portadores", "moedas", "unidades", "fluxos", "inativos", "periodos")
_MAPAS = ("estabelecimentos", "fornecedores", "especies", "contas", "centros", "matrizes")
# what the external codes of a matrix stand for
DA_MATRIZ = ("empresas", "estabelecimentos", "portadores", "unidades", "fluxos", "contas", "centros", "paises")


def norma(codigo: str) -> str:
    return codigo.rstrip().upper()


class Registros:
    """A reading of the registers, valid for one call."""

    def __init__(self, conteudo: Mapping[str, Any]) -> None:
        self._conteudo = conteudo
        self._codigos: dict[str, dict[str, str]] = {}

    def codigo(self, registro: str, informado: str) -> str:
        """The code as registered; empty when there is none."""
        if registro not in self._codigos:
            self._codigos[registro] = {norma(str(codigo)): str(codigo) for codigo in self._conteudo[registro]}
        return self._codigos[registro].get(norma(informado), "")

    def empresa_de(self, estabelecimento: str) -> str:
        return str(self._conteudo["estabelecimentos"][estabelecimento])

    def tipo(self, especie: str) -> str:
        return str(self._conteudo["especies"][especie])

    def fornecedor_ativo(self, codigo: int) -> bool:
        return str(codigo) in self._conteudo["fornecedores"] and codigo not in self._conteudo["inativos"]

    def nome_do_fornecedor(self, codigo: int) -> str:
        return str(self._conteudo["fornecedores"].get(str(codigo), ""))[:15]

    def tem_conta(self, plano: str, conta: str) -> bool:
        return self._dentro("contas", plano, conta)

    def tem_centro(self, plano: str, centro: str) -> bool:
        """Any cost centre while none is registered."""
        return not self._conteudo["centros"] or self._dentro("centros", plano, centro)

    def _dentro(self, registro: str, plano: str, codigo: str) -> bool:
        suas = self._conteudo[registro].get(self.codigo(registro, plano), ())
        return norma(codigo) in {norma(uma) for uma in suas}

    def matriz(self, nome: str) -> Mapping[str, Mapping[str, str]] | None:
        """The translation matrix, the default one when the name is blank; None when it does not exist."""
        achada = self.codigo("matrizes", nome or str(self._conteudo["matriz_padrao"]))
        return self._conteudo["matrizes"][achada] if achada else None

    def aberto(self, dia: date) -> bool:
        return any(periodo["de"] <= dia.isoformat() <= periodo["ate"] for periodo in self._conteudo["periodos"])


def ler() -> Registros:
    return Registros(conteudo())


def conteudo() -> dict[str, Any]:
    linha = Linha.objects.first()
    return dict(linha.conteudo) if linha else dict(INICIAL)


def gravar(dados: Mapping[str, Any], *, substituir: bool = False) -> None:
    """Add to the registers, or put these in their place (what is not told stays as at first)."""
    with gravacao():
        novo = dict(INICIAL) if substituir else conteudo()
        for nome, valor in dados.items():
            if substituir or nome == "matriz_padrao" or nome == "periodos":
                novo[nome] = valor
            elif nome in _MAPAS:
                novo[nome] = {**novo[nome], **valor}
            else:
                novo[nome] = [*novo[nome], *(um for um in valor if um not in novo[nome])]
        Linha.objects.update_or_create(pk=1, defaults={"conteudo": novo})


def defeito(dados: Mapping[str, Any]) -> str:
    """What is wrong with registers that are to be written (pt-BR); empty when nothing is."""
    for nome, valor in dados.items():
        if nome not in INICIAL:
            return f"{nome} não é um cadastro. São: {', '.join(INICIAL)}."
        esperado = list if nome in _LISTAS else dict if nome in _MAPAS else str
        if not isinstance(valor, esperado):
            return (
                f"{nome} deve ser {'uma lista' if esperado is list else 'um objeto' if esperado is dict else 'texto'}."
            )
    if estranho := set(dados.get("especies", {}).values()) - set(TIPOS_DE_ESPECIE):
        return f"especies: {estranho.pop()!r} não é um tipo. São: {', '.join(TIPOS_DE_ESPECIE)}."
    if any(not str(codigo).isdecimal() for codigo in dados.get("fornecedores", {})):
        return "fornecedores: o código é um número, como texto, e o valor é o nome abreviado."
    for matriz in dados.get("matrizes", {}).values():
        if not isinstance(matriz, dict) or set(matriz) - set(DA_MATRIZ):
            return f"matrizes: cada uma tem {', '.join(DA_MATRIZ)}."
    return ""
