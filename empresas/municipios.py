"""Finds a município by what people type: IBGE code, or name with or without the UF."""

import difflib

from comum.documentos import Invalido, Motivo, codigo_ibge_dv_confere
from comum.formatos import normalizar
from empresas.models import Municipio

# Maritime waters: a place of service in the official list, not where an empresa is.
SEM_EMPRESAS = "0000000"
_SUGESTOES_MAXIMAS = 200
# fmt: off
UFS = (
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR", "RJ",
    "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
)
# fmt: on


class Municipios:
    """The official table in memory, read once for a whole file. Answers are kept, so repeated texts cost nothing."""

    def __init__(self) -> None:
        self._uf: dict[str, str] = {}
        self._por_nome: dict[str, list[str]] = {}
        self._nomes: dict[str, str] = {}
        self._lugares: dict[str, str] = {}
        self._tom: dict[str, str] = {}
        linhas = Municipio.objects.values_list("codigo_ibge", "codigo_tom", "nome", "uf", "busca")
        for codigo, tom, nome, uf, busca in linhas:
            if codigo == SEM_EMPRESAS:
                continue
            self._uf[codigo] = uf
            self._tom[codigo] = tom
            self._nomes[codigo] = nome
            self._lugares[codigo] = f"{busca} {uf.lower()}"
            self._por_nome.setdefault(busca, []).append(codigo)
        self._achados: dict[tuple[str, str], str | Invalido] = {}
        self._sugestoes = 0

    def achar(self, texto: str, uf: str = "") -> str | Invalido:
        """IBGE code of a município given by name or code; the UF, when given, must agree. Never raises."""
        chave = (texto, uf)
        achado = self._achados.get(chave)
        if achado is None:
            achado = self._achados[chave] = self._achar(texto.strip(), uf.strip().upper())
        return achado

    def uf_valida(self, uf: str) -> bool:
        return uf.strip().upper() in UFS

    def nome(self, codigo: str) -> str:
        """Olinda/PE, for a code of the table."""
        return f"{self._nomes[codigo]}/{self._uf[codigo]}" if codigo in self._uf else codigo

    def tom(self, codigo: str) -> tuple[str, str]:
        """(UF, TOM code) of a code of the table, as declarations name it; blank where the Receita has none."""
        return self._uf[codigo], self._tom[codigo]

    def lugar(self, codigo: str) -> str:
        """Empresa.lugar of a code of the table; blank for a blank."""
        return self._lugares[codigo] if codigo else ""

    def _achar(self, texto: str, uf: str) -> str | Invalido:
        if uf and uf not in UFS:
            return Invalido(Motivo.INEXISTENTE, f"UF {uf} não existe. Use a sigla do estado, como SP.")
        if texto.isdecimal() and texto.isascii():
            return self._por_codigo(texto, uf)
        nome, _, sufixo = texto.rpartition("/")
        if nome and not uf and sufixo.strip().upper() in UFS:  # "Olinda/PE", as the screens show it
            texto, uf = nome, sufixo.strip().upper()
        return self._por_nome_e_uf(texto, uf)

    def _por_codigo(self, codigo: str, uf: str) -> str | Invalido:
        if codigo not in self._uf:
            if len(codigo) != 7:
                return Invalido(Motivo.TAMANHO, f"Código IBGE com {len(codigo)} números; são 7, como 3550308.")
            dica = "" if codigo_ibge_dv_confere(codigo) else " O último número não confere: há erro de digitação."
            return Invalido(Motivo.INEXISTENTE, f"Código IBGE {codigo} não existe.{dica} Use o nome e a UF.")
        if uf and self._uf[codigo] != uf:
            certo = f"{self._nomes[codigo]}/{self._uf[codigo]}"
            return Invalido(Motivo.PROIBIDO, f"O código IBGE {codigo} é de {certo}, não de {uf}. Corrija um dos dois.")
        return codigo

    def _por_nome_e_uf(self, texto: str, uf: str) -> str | Invalido:
        codigos = [c for c in self._por_nome.get(normalizar(texto), []) if not uf or self._uf[c] == uf]
        if len(codigos) == 1:
            return codigos[0]
        if codigos:
            ufs = ", ".join(sorted(self._uf[codigo] for codigo in codigos))
            exemplo = self.nome(codigos[0])
            return Invalido(
                Motivo.PROIBIDO,
                f"Há {len(codigos)} municípios com este nome ({ufs}). Informe também a UF, como em {exemplo}.",
            )
        return Invalido(
            Motivo.INEXISTENTE, f"Município não encontrado{f' em {uf}' if uf else ''}.{self._parecido(texto, uf)}"
        )

    def _parecido(self, texto: str, uf: str) -> str:
        self._sugestoes += 1
        if self._sugestoes > _SUGESTOES_MAXIMAS:  # each costs milliseconds: a bad file must not cost minutes
            return " Confira o nome ou use o código IBGE."
        nomes = {busca: codigos[0] for busca, codigos in self._por_nome.items() if not uf or self._uf[codigos[0]] == uf}
        perto = difflib.get_close_matches(normalizar(texto)[:60], nomes, n=1, cutoff=0.75)
        if not perto:
            return " Confira o nome ou use o código IBGE."
        codigo = nomes[perto[0]]
        return f" Seria {self._nomes[codigo]}/{self._uf[codigo]}?"
