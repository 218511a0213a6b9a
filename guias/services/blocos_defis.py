"""The lists of the DEFIS that few companies have: what each line of them says, and how one that was typed is read."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from comum.documentos import Invalido, cnpj
from comum.formatos import format_data, parse_data, parse_dinheiro
from empresas.municipios import UFS, Municipios
from guias.providers.defis import Linha

BENEFICIARIOS = (("1", "Candidato"), ("2", "Comitê financeiro"), ("3", "Partido político"))
FORMAS = (
    ("1", "Cheque"),
    ("2", "Outro título de crédito"),
    ("3", "Transferência eletrônica"),
    ("4", "Depósito em espécie"),
    ("5", "Dinheiro"),
    ("6", "Bens"),
    ("7", "Serviços"),
)
OPERACOES = (("1", "Entrada"), ("2", "Saída"))
ESPECIES = (
    ("issRetidosFonte", "ISS retido na fonte"),
    ("prestacoesServicoComunicacao", "Serviços de comunicação"),
    ("prestacoesServicoTransporte", "Transporte intermunicipal ou interestadual"),
    ("vendasRevendedorAmbulante", "Vendas por revendedor ambulante"),
    ("preparosComercializacaoRefeicoes", "Refeições preparadas em outro município"),
    ("producoesRurais", "Produção rural"),
    ("aquisicoesProdutoresRurais", "Compras de produtor rural"),
    ("aquisicoesDispensadosInscricao", "Compras de dispensado de inscrição"),
    ("rateiosReceitaRegimeEspecial", "Rateio por regime especial"),
    ("rateiosDecisaoJudicial", "Rateio por decisão judicial"),
    ("rateiosReceitaOutrosRateios", "Outro rateio exigido pela Sefaz"),
)
# The kinds that ask for one thing more, and its name on the wire.
_COMPLEMENTOS = {
    "rateiosReceitaRegimeEspecial": ("numeroRegime", "o número do regime especial"),
    "rateiosDecisaoJudicial": ("identificacaoDecisao", "a identificação da decisão"),
    "rateiosReceitaOutrosRateios": ("origemExigencia", "a origem da exigência"),
}
_COMPLEMENTO_MAXIMO = 60


@dataclass(frozen=True)
class Coluna:
    nome: str
    rotulo: str
    mascara: str = ""
    opcoes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Bloco:
    nome: str
    titulo: str
    ajuda: str
    colunas: tuple[Coluna, ...]
    curto: str  # how its messages begin


_VALOR = Coluna("valor", "Valor no ano", "dinheiro")
DA_EMPRESA = (
    Bloco(
        "exportadoras",
        "Exportação por comercial exportadora",
        "A receita vendida a cada comercial exportadora, com o CNPJ dela.",
        (Coluna("cnpj", "CNPJ da exportadora", "cnpj"), _VALOR),
        "Comercial exportadora",
    ),
    Bloco(
        "doacoes",
        "Doações a campanhas eleitorais",
        "Uma linha para cada beneficiário e forma de doação.",
        (
            Coluna("cnpj", "CNPJ do beneficiário", "cnpj"),
            Coluna("beneficiario", "Beneficiário", opcoes=BENEFICIARIOS),
            Coluna("forma", "Forma", opcoes=FORMAS),
            Coluna("valor", "Valor", "dinheiro"),
        ),
        "Doação",
    ),
)
DO_ESTABELECIMENTO = (
    Bloco(
        "interestaduais",
        "Operações interestaduais",
        "O total do ano de cada UF, de entradas e de saídas.",
        (Coluna("uf", "UF"), Coluna("operacao", "Operação", opcoes=OPERACOES), _VALOR),
        "operação interestadual",
    ),
    Bloco(
        "municipais",
        "Valores por município: ISS retido, comunicação, transporte e informações opcionais",
        "O total do ano de cada município. O complemento é só dos rateios: número do regime especial, identificação da "
        "decisão ou origem da exigência.",
        (
            Coluna("especie", "O quê", opcoes=ESPECIES),
            Coluna("municipio", "Município/UF"),
            _VALOR,
            Coluna("complemento", "Complemento"),
        ),
        "valor por município",
    ),
    Bloco(
        "mudancas",
        "Mudança para outro município",
        "Uma linha para cada mudança de endereço do estabelecimento no ano.",
        (
            Coluna("origem", "De (município/UF)"),
            Coluna("destino", "Para (município/UF)"),
            Coluna("dia", "Dia da mudança", "data"),
        ),
        "mudança",
    ),
)


def prefixo(bloco: Bloco, documento: str = "") -> str:
    """Under which the lines of a block are kept and named on the screen; of an establishment with its CNPJ."""
    return f"{bloco.nome}-{documento}" if documento else bloco.nome


class Leitor:
    """Reads the lines of one declaration; what is wrong is told by `dizer(field, words)`. `periodo`: the first and the
    last day that the declaration covers. `municipios` are only loaded by who has one to look for."""

    def __init__(
        self, dizer: Callable[[str, str], None], periodo: tuple[date, date], municipios: Callable[[], Municipios]
    ) -> None:
        self._contar, self._periodo, self._carregar = dizer, periodo, municipios
        self._onde = ""

    def _dizer(self, campo: str, texto: str) -> None:
        self._contar(campo, f"{self._onde}: {texto}")

    @cached_property
    def _municipios(self) -> Municipios:
        return self._carregar()

    def da_empresa(self, blocos: Mapping[str, Any]) -> dict[str, tuple[Linha, ...]]:
        exportadoras, doacoes = DA_EMPRESA
        return _sem_vazias(
            {
                "comerciaisExportadoras": self._linhas(exportadoras, blocos, ("", ""), self._exportadora),
                "doacoesCampanhaEleitoral": self._linhas(doacoes, blocos, ("", ""), self._doacao),
            }
        )

    def do_estabelecimento(self, blocos: Mapping[str, Any], de: tuple[str, str]) -> dict[str, tuple[Linha, ...]]:
        """`de`: (CNPJ, how the establishment is called)."""
        interestaduais, municipais, mudancas = DO_ESTABELECIMENTO
        listas: dict[str, list[Linha]] = defaultdict(list)
        listas["operacoesInterestaduais"] = self._linhas(interestaduais, blocos, de, self._interestadual)
        for linha in self._linhas(municipais, blocos, de, self._municipal):
            listas[str(linha.pop("especie"))].append(linha)
        listas["mudancaOutroMunicipio"] = self._linhas(mudancas, blocos, de, self._mudanca)
        return _sem_vazias(listas)

    def do_processo(self, texto: str) -> tuple[str, str]:
        """(UF, TOM code) of the município of the process of who is not of the Simples."""
        self._onde = "Não optante"
        return self._municipio("nao_optante_municipio", texto)

    def _municipio(self, campo: str, texto: str) -> tuple[str, str]:
        """(UF, TOM code) of a município typed as Olinda/PE or by its IBGE code."""
        codigo = self._municipios.achar(texto) if texto else "Informe o município, como Olinda/PE."
        if isinstance(codigo, Invalido) or not texto:
            self._dizer(campo, codigo.mensagem if isinstance(codigo, Invalido) else codigo)
            return "", ""
        uf, tom = self._municipios.tom(codigo)
        if not tom:
            self._dizer(campo, f"{self._municipios.nome(codigo)} não tem código TOM, que a DEFIS exige. Confira-o.")
        return uf, tom

    def _linhas(
        self,
        bloco: Bloco,
        blocos: Mapping[str, Any],
        de: tuple[str, str],
        ler: Callable[[str, Mapping[str, str]], Linha],
    ) -> list[Linha]:
        documento, dono = de
        lidas: list[Linha] = []
        vistas: dict[tuple[Any, ...], int] = {}
        for n, linha in enumerate(blocos.get(prefixo(bloco, documento)) or []):
            textos = {coluna.nome: str(linha.get(coluna.nome) or "").strip() for coluna in bloco.colunas}
            if not any(textos.values()):
                continue
            campo = f"{prefixo(bloco, documento)}-{n}"
            self._onde = f"{dono}, {bloco.curto} {n + 1}" if dono else f"{bloco.curto} {n + 1}"
            lida = ler(campo, textos)
            chave = tuple(valor for nome, valor in lida.items() if nome != "valor")
            if chave in vistas:
                self._dizer(
                    f"{campo}-{bloco.colunas[0].nome}",
                    f"repete a linha {vistas[chave]}. Some os dois valores numa só.",
                )
            vistas.setdefault(chave, n + 1)
            lidas.append(lida)
        return lidas

    def _exportadora(self, campo: str, textos: Mapping[str, str]) -> Linha:
        return {"cnpjCompleto": self._cnpj(campo, textos["cnpj"]), "valor": self._valor(campo, textos["valor"])}

    def _doacao(self, campo: str, textos: Mapping[str, str]) -> Linha:
        return {
            "cnpjBeneficiario": self._cnpj(campo, textos["cnpj"]),
            "tipoBeneficiario": self._opcao(f"{campo}-beneficiario", textos["beneficiario"], BENEFICIARIOS),
            "formaDoacao": self._opcao(f"{campo}-forma", textos["forma"], FORMAS),
            "valor": self._valor(campo, textos["valor"]),
        }

    def _interestadual(self, campo: str, textos: Mapping[str, str]) -> Linha:
        uf = textos["uf"].upper()
        if uf not in UFS:
            self._dizer(f"{campo}-uf", f"UF “{textos['uf']}” não existe. Use a sigla do estado, como SP.")
        return {
            "uf": uf,
            "valor": self._valor(campo, textos["valor"]),
            "tipoOperacao": self._opcao(f"{campo}-operacao", textos["operacao"], OPERACOES),
        }

    def _municipal(self, campo: str, textos: Mapping[str, str]) -> Linha:
        especie = textos["especie"]
        if especie not in dict(ESPECIES):
            self._dizer(f"{campo}-especie", "Escolha o que é este valor.")
        uf, tom = self._municipio(f"{campo}-municipio", textos["municipio"])
        linha: Linha = {"especie": especie, "uf": uf, "codMunicipio": tom, "valor": self._valor(campo, textos["valor"])}
        if especie in _COMPLEMENTOS:
            nome, rotulo = _COMPLEMENTOS[especie]
            linha[nome] = textos["complemento"]
            if not textos["complemento"]:
                self._dizer(f"{campo}-complemento", f"Informe no complemento {rotulo}.")
            elif len(textos["complemento"]) > _COMPLEMENTO_MAXIMO:
                self._dizer(f"{campo}-complemento", f"O complemento tem até {_COMPLEMENTO_MAXIMO} caracteres.")
        elif textos["complemento"]:
            self._dizer(f"{campo}-complemento", "Só os rateios têm complemento. Deixe em branco.")
        return linha

    def _mudanca(self, campo: str, textos: Mapping[str, str]) -> Linha:
        (de_uf, de), (para_uf, para) = (
            self._municipio(f"{campo}-{nome}", textos[nome]) for nome in ("origem", "destino")
        )
        if de and (de_uf, de) == (para_uf, para):
            self._dizer(f"{campo}-destino", "A mudança é para outro município: o de destino é o mesmo de origem.")
        quando = parse_data(textos["dia"])
        comeco, fim = self._periodo
        if isinstance(quando, Invalido):
            self._dizer(f"{campo}-dia", quando.mensagem)
            quando = comeco
        elif not comeco <= quando <= fim:
            ate = f"{format_data(comeco)} a {format_data(fim)}"
            self._dizer(f"{campo}-dia", f"O dia da mudança está fora do período desta DEFIS, de {ate}.")
        return {
            "ufOrigem": de_uf,
            "codigoMunicipioOrigem": de,
            "ufDestino": para_uf,
            "codigoMunicipioDestino": para,
            "dataMudanca": int(f"{quando:%Y%m%d}"),
        }

    def _cnpj(self, campo: str, texto: str) -> str:
        lido = cnpj(texto)
        if isinstance(lido, Invalido):
            self._dizer(f"{campo}-cnpj", lido.mensagem)
            return ""
        return lido

    def _valor(self, campo: str, texto: str) -> Decimal:
        lido = parse_dinheiro(texto)
        if isinstance(lido, Invalido):
            self._dizer(f"{campo}-valor", lido.mensagem)
            return Decimal(0)
        if lido <= 0:
            self._dizer(f"{campo}-valor", "O valor é maior que zero. Sem valor, apague a linha.")
        return lido

    def _opcao(self, campo: str, texto: str, opcoes: tuple[tuple[str, str], ...]) -> int:
        if texto not in dict(opcoes):
            self._dizer(campo, "Escolha uma das opções.")
            return 0
        return int(texto)


def _sem_vazias(listas: Mapping[str, list[Linha]]) -> dict[str, tuple[Linha, ...]]:
    return {nome: tuple(linhas) for nome, linhas in listas.items() if linhas}
