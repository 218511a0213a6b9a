"""The tomador of a line of notas: the one the empresa has, else a new one made from the line's own columns."""

from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial

from comum.documentos import Invalido
from empresas.campos import Emails, falta, ler_nome
from empresas.models import Municipio
from empresas.municipios import Municipios
from nfse.campos import ler_cep, ler_linha
from nfse.importacao.celulas_notas import Celulas
from nfse.importacao.colunas_notas import DO_TOMADOR, ROTULOS
from nfse.models import Tomador

_ENDERECO = ("cep", "logradouro", "numero", "bairro", "municipio")
NAO_CADASTRADO = (
    "Tomador não cadastrado nesta empresa. Preencha nome e endereço nas colunas do tomador, ou cadastre-o antes em "
    "Tomadores."
)
NIF_NAO_CADASTRADO = "Nenhum tomador desta empresa tem este NIF. Cadastre-o antes em Tomadores, com país e endereço."
VARIOS_COM_NIF = "Mais de um tomador desta empresa tem este NIF. Faça a nota na tela, ou inative os outros."
Par = tuple[int, str]  # empresa and document


def _de_fora(nifs: Collection[Par]) -> dict[Par, list[Tomador]]:
    """Those abroad with these NIFs, the inactive ones aside."""
    achados: dict[Par, list[Tomador]] = defaultdict(list)
    if nifs:
        empresas, numeros = {empresa for empresa, _ in nifs}, {nif for _, nif in nifs}
        for tomador in Tomador.objects.filter(empresa__in=empresas, nif__in=numeros, documento="", ativo=True):
            achados[tomador.empresa_id, tomador.nif].append(tomador)
    return achados


class Tomadores:
    """Those that the empresas have, and those that the file brings: the first line that describes one makes it, and
    the others of the same document point to it. First descrever() for all the lines, then achar()."""

    def __init__(self, pares: Collection[Par], municipios: Municipios, nifs: Collection[Par] = ()) -> None:
        empresas, documentos = {empresa for empresa, _ in pares}, {documento for _, documento in pares}
        achados = Tomador.objects.filter(empresa__in=empresas, documento__in=documentos).select_related("municipio")
        self._guardados = {(tomador.empresa_id, tomador.documento): tomador for tomador in achados}
        self._no_exterior = _de_fora(nifs)
        self._municipios = municipios
        self._por_codigo: dict[str, Municipio] | None = None
        self._descritos: dict[Par, tuple[int, dict[str, str]]] = {}
        self._leitores: dict[str, Callable[[str], str | Invalido]] = {
            "tomador_nome": partial(ler_nome, rotulo="Nome"),
            "tomador_email": Emails().ler,
            "cep": ler_cep,
            "logradouro": partial(ler_linha, rotulo="Logradouro", maximo=125),
            "numero": partial(ler_linha, rotulo="Número", maximo=10),
            "complemento": partial(ler_linha, rotulo="Complemento", maximo=60),
            "bairro": partial(ler_linha, rotulo="Bairro", maximo=60),
        }
        self.novos: dict[Par, Tomador] = {}
        self.diferentes: list[int] = []  # lines that describe a new one in other words than the first

    def descrever(self, par: Par, celulas: Celulas) -> None:
        descricao = {coluna: texto for coluna in DO_TOMADOR if (texto := celulas.texto(coluna))}
        if not descricao or par in self._guardados:
            return
        _, primeira = self._descritos.setdefault(par, (celulas.linha, descricao))
        if primeira != descricao:
            self.diferentes.append(celulas.linha)

    def achar(self, par: Par, celulas: Celulas) -> Tomador | None:
        """None when the line was refused for its tomador."""
        if guardado := self._guardados.get(par) or self.novos.get(par):
            return guardado
        linha, descricao = self._descritos.get(par, (0, {}))
        if not descricao:
            celulas.recusar("tomador", NAO_CADASTRADO)
            return None
        ruins = len(celulas.recusas)
        novo = self._novo(par, _Recusador(celulas, linha, descricao))
        if len(celulas.recusas) > ruins:
            return None
        novo.preparar()
        self.novos[par] = novo
        return novo

    def cadastrado(self, par: Par) -> Tomador | None:
        """The one that the empresa has already, whatever the file brings."""
        return self._guardados.get(par)

    def achar_no_exterior(self, par: Par, celulas: Celulas) -> Tomador | None:
        """The one with this NIF; the file makes none. None when the line was refused for it."""
        achados = self._no_exterior.get(par, [])
        if len(achados) == 1:
            return achados[0]
        celulas.recusar("tomador_nif", VARIOS_COM_NIF if achados else NIF_NAO_CADASTRADO)
        return None

    def _novo(self, par: Par, recusador: "_Recusador") -> Tomador:
        descricao = recusador.descricao
        lidos = {
            coluna: recusador.lida(coluna, ler(texto) if (texto := descricao.get(coluna)) else "")
            for coluna, ler in self._leitores.items()
        }
        municipio = recusador.lida("municipio", self._achar_municipio(descricao))
        if not descricao.get("tomador_nome"):
            recusador.recusar("tomador_nome", falta(f"o {ROTULOS['tomador_nome']}").mensagem)
        if vazias := [coluna for coluna in _ENDERECO if not descricao.get(coluna)]:
            faltam = ", ".join(ROTULOS[coluna] for coluna in vazias)
            motivo = f"Endereço do tomador incompleto: falta {faltam}. A prefeitura exige o endereço inteiro."
            recusador.recusar(vazias[0], motivo)
        nome, email = lidos.pop("tomador_nome"), lidos.pop("tomador_email")
        lugar = self._municipio(municipio)
        return Tomador(empresa_id=par[0], documento=par[1], nome=nome, email=email, municipio=lugar, **lidos)

    def _achar_municipio(self, descricao: dict[str, str]) -> str | Invalido:
        texto = descricao.get("municipio", "")
        return self._municipios.achar(texto, descricao.get("uf", "")) if texto else ""

    def _municipio(self, codigo: str) -> Municipio | None:
        if self._por_codigo is None:
            achados = {self._achar_municipio(descricao) for _, descricao in self._descritos.values()}
            self._por_codigo = Municipio.objects.in_bulk([achado for achado in achados if isinstance(achado, str)])
        return self._por_codigo.get(codigo)


class _Recusador:
    """Refuses in the words of the line that uses a tomador, naming the one that describes it."""

    def __init__(self, celulas: Celulas, descrito_em: int, descricao: dict[str, str]) -> None:
        self.descricao = descricao
        self._celulas = celulas
        self._onde = "" if descrito_em == celulas.linha else f" (o tomador está descrito na linha {descrito_em})"

    def lida(self, coluna: str, lido: str | Invalido) -> str:
        if isinstance(lido, Invalido):
            self.recusar(coluna, lido.mensagem)
            return ""
        return lido

    def recusar(self, coluna: str, motivo: str) -> None:
        self._celulas.recusar(coluna, f"{motivo}{self._onde}", self.descricao.get(coluna, ""))
