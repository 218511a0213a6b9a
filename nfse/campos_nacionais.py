"""Rules of the fields of the national layout, once for the form of a nota and for the CSV: text in, stored value or a
refusal out."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from comum.documentos import Invalido, Motivo
from comum.formatos import normalizar
from nfse.campos import ler_cep, ler_linha
from nfse.models.detalhes import (
    MOEDAS,
    EnteGovernamental,
    Imunidade,
    ModoPrestacao,
    SituacaoPisCofins,
    TipoOperacao,
    Vinculo,
)
from nfse.models.exigencias import Exigibilidade, Responsavel
from nfse.paises import BRASIL, ler_pais
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE
from nfse.providers.nacional.valores import MAXIMO_DE_REFERIDAS

_MARCAS = str.maketrans("", "", " .-/\xa0")
_MOEDA_POR_SIGLA = {sigla: codigo for codigo, (sigla, _) in MOEDAS.items()}
_DIGITOS = {
    "ibs_cbs_fornecimento": ("O indicador da operação (cIndOp)", 6),
    "ibs_cbs_situacao": ("O CST do IBS e da CBS", 3),
    "ibs_cbs_classificacao": ("A classificação tributária (cClassTrib)", 6),
    "regular_situacao": ("O CST da tributação regular", 3),
    "regular_classificacao": ("A classificação da tributação regular", 6),
    "credito_presumido": ("O código do crédito presumido", 2),
    "beneficio_numero": ("O número do benefício municipal", 14),
}
_LINHAS = {
    "intermediario_nome": ("Nome do intermediário", 150),
    "obra_codigo": ("Código da obra", 30),
    "obra_art": ("ART", 30),
    "obra_inscricao": ("Inscrição imobiliária", 30),
    "imovel_inscricao": ("Inscrição imobiliária", 30),
    "comex_importacao": ("Declaração de importação", 12),
    "comex_exportacao": ("Registro de exportação", 12),
    "evento_nome": ("Nome do evento", 255),
    "evento_codigo": ("Código do evento", 30),
    **{
        f"{de}_{parte}": (rotulo, maximo)
        for de in ("obra", "evento", "imovel")
        for parte, rotulo, maximo in (
            ("logradouro", "Logradouro", 255),
            ("numero", "Número", 60),
            ("complemento", "Complemento", 156),
            ("bairro", "Bairro", 60),
        )
    },
}


def _digitos(texto: str, nome: str) -> str | Invalido:
    """A code of so many digits, whatever stands between them."""
    rotulo, quantos = _DIGITOS[nome]
    limpo = texto.translate(_MARCAS)
    if re.fullmatch(rf"[0-9]{{{quantos}}}", limpo):
        return limpo
    return Invalido(
        Motivo.FORMATO, f"{rotulo} tem {quantos} números, com os zeros do começo. Confira na tabela oficial."
    )


def _pais_de_fora(texto: str) -> str | Invalido:
    sigla = ler_pais(texto)
    if sigla == BRASIL:
        return Invalido(Motivo.PROIBIDO, "Aqui vai um país do exterior. Para o Brasil, deixe em branco.")
    return sigla


def _moeda(texto: str) -> str | Invalido:
    """The three digits of the Banco Central, given by them or by the letters that everybody knows (USD)."""
    limpo = texto.strip().upper()
    if re.fullmatch(r"[0-9]{2,3}", limpo):
        return limpo.zfill(3)  # a spreadsheet takes the zero of 055 away
    if limpo in _MOEDA_POR_SIGLA:
        return _MOEDA_POR_SIGLA[limpo]
    return Invalido(
        Motivo.FORMATO,
        "A moeda vai pelo código de 3 números do Banco Central, como 220 (dólar dos Estados Unidos) ou 978 (euro).",
    )


def _processo(texto: str) -> str | Invalido:
    limpo = texto.translate(_MARCAS)
    if not (limpo.isascii() and limpo.isdecimal()) or len(limpo) > 30:
        return Invalido(Motivo.FORMATO, "O número do processo só tem números, até 30. Confira na decisão.")
    return limpo.zfill(30)


def _cib(texto: str) -> str | Invalido:
    limpo = texto.translate(_MARCAS).upper()
    if re.fullmatch(r"[0-9A-Z]{8}", limpo):
        return limpo
    return Invalido(Motivo.FORMATO, "O CIB tem 8 posições. Confira no cadastro imobiliário (CIB).")


def ler_referidas(texto: str) -> tuple[str, ...] | Invalido:
    """The chaves of the notes that this one refers to, one in each line."""
    chaves = tuple(dict.fromkeys(chave for linha in texto.splitlines() if (chave := linha.translate(_MARCAS).upper())))
    ruim = next((chave for chave in chaves if not PADRAO_DA_CHAVE.fullmatch(chave)), "")
    if ruim:
        return Invalido(
            Motivo.FORMATO,
            f"{ruim[:60]} não é chave de NFS-e nacional, que tem 50 posições. Uma chave em cada linha.",
        )
    if len(chaves) > MAXIMO_DE_REFERIDAS:
        return Invalido(Motivo.TAMANHO, f"São {len(chaves)} chaves, e cabem {MAXIMO_DE_REFERIDAS}. Tire as que sobram.")
    return chaves


LEITORES: Mapping[str, Callable[[str], str | Invalido]] = {
    **{nome: partial(_digitos, nome=nome) for nome in _DIGITOS},
    **{nome: partial(ler_linha, rotulo=linha[0], maximo=linha[1]) for nome, linha in _LINHAS.items()},
    "pais_resultado": _pais_de_fora,
    "pais_prestacao": _pais_de_fora,
    "comex_moeda": _moeda,
    "processo": _processo,
    "obra_cib": _cib,
    "imovel_cib": _cib,
    "imovel_cep": ler_cep,
    "obra_cep": ler_cep,
    "evento_cep": ler_cep,
}


def _de_lista(texto: str, rotulo: str, escolhas: Iterable[tuple[str, str]]) -> str | Invalido:
    """A choice by its code, alone or with its words, or by its words ("01", "01 - Tributável", "exportação")."""
    opcoes = list(escolhas)
    numero = re.match(r"[0-9]+", texto)
    if numero:
        largura = len(opcoes[0][0])
        achado = next((valor for valor, _ in opcoes if valor == numero[0].zfill(largura)), "")
    else:
        dito = normalizar(texto)
        achado = next((valor for valor, nome in opcoes if dito in (normalizar(nome), normalizar(valor))), "")
    if achado:
        return achado
    aceitas = "; ".join(dict(opcoes).values())
    return Invalido(Motivo.INEXISTENTE, f"{rotulo} não encontrada na lista. Use uma de: {aceitas}.")


_ESCOLHAS = {
    "exigibilidade": ("Tributação do ISS", [*Exigibilidade.choices, (Exigibilidade.EXPORTACAO, "Exportação")]),
    "responsavel_retencao": ("Pessoa que retém o ISS", Responsavel.choices),
    "imunidade": ("Imunidade", Imunidade.choices),
    "pis_cofins_situacao": ("Situação tributária do PIS e da COFINS", SituacaoPisCofins.choices),
    "comex_modo": ("Prestação no comércio exterior", ModoPrestacao.choices),
    "comex_vinculo": ("Relação entre as partes", Vinculo.choices),
    "ente_governamental": ("Pessoa pública que compra", EnteGovernamental.choices),
    "tipo_operacao": ("Operação", TipoOperacao.choices),
}
# Where a screen has a list, a file has its codes or words.
LEITORES_DO_ARQUIVO: Mapping[str, Callable[[str], str | Invalido]] = {
    nome: partial(_de_lista, rotulo=rotulo, escolhas=escolhas) for nome, (rotulo, escolhas) in _ESCOLHAS.items()
}
