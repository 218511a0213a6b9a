"""What one correction can change in many notes: each field, how its value is read, and what it does to a note."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from comum.documentos import Invalido, Motivo, algarismos, cnae
from comum.formatos import (
    format_competencia,
    format_data,
    format_dinheiro,
    format_numero,
    format_percentual,
    parse_data,
    parse_dinheiro,
    parse_percentual,
    parse_sim_nao,
)
from empresas.campos import falta
from empresas.contexto import ler_competencia
from empresas.models import ItemLc116, ServicoNacional
from nfse.campos import MAIOR_TEXTO, ler_codigo_nacional, ler_linha, ler_nbs
from nfse.campos_nacionais import LEITORES_DO_ARQUIVO
from nfse.models import Nota, NotaItem, ReferenciaCanal
from nfse.models.detalhes import Detalhes, SituacaoPisCofins
from nfse.models.papeis import LISTAS
from nfse.services.calculo import item_sem_zero
from nfse.services.descricao import montar_descricao
from nfse.services.exigencias import direto
from nfse.services.validacao import Contexto, Problema, aceita

Leitor = Callable[[str], Any]
# Puts a value into a note and the lines it is for; says why it cannot (pt-BR), or nothing.
Mudanca = Callable[[Nota, Sequence[NotaItem], Any, Contexto], str]


@dataclass(frozen=True)
class Campo:
    """One thing that can be corrected. `entrada` is how a screen asks for it; `dizer` puts a value into words."""

    nome: str
    rotulo: str
    ler: Leitor
    mudar: Mudanca
    dizer: Callable[[Any], str] = str
    entrada: str = "texto"
    ajuda: str = ""
    opcional: bool = False  # a blank means something
    colunas: tuple[str, ...] = ()  # of NotaItem; else it is a column of Nota

    def valor(self, texto: str) -> Any | Invalido:
        limpo = texto.strip()
        if self.entrada == "nenhuma" or (not limpo and self.opcional):
            return None
        return self.ler(limpo) if limpo else falta(self.rotulo)


def _na_nota(coluna: str) -> Mudanca:
    def mudar(nota: Nota, itens: Sequence[NotaItem], valor: Any, contexto: Contexto) -> str:
        setattr(nota, coluna, valor)
        return ""

    return mudar


def _nos_itens(coluna: str) -> Mudanca:
    def mudar(nota: Nota, itens: Sequence[NotaItem], valor: Any, contexto: Contexto) -> str:
        for item in itens:
            setattr(item, coluna, valor)
        return ""

    return mudar


def _nos_detalhes(nome: str) -> Mudanca:
    def mudar(nota: Nota, itens: Sequence[NotaItem], valor: Any, contexto: Contexto) -> str:
        if not direto(contexto.rotas.rota(nota.empresa, nota.competencia).canal):
            return "Só a NFS-e Nacional leva este campo, e esta nota não sai por ela."
        nota.detalhes = replace(Detalhes.do_json(nota.detalhes), **{nome: valor}).para_json()
        return ""

    return mudar


def _descrever(nota: Nota, itens: Sequence[NotaItem], valor: str, contexto: Contexto) -> str:
    for item in itens:
        item.descricao = montar_descricao(valor, nota.competencia)
    return ""


def _limpar(nota: Nota, itens: Sequence[NotaItem], valor: None, contexto: Contexto) -> str:
    nota.observacao = _sem_estranhos(nota.observacao)
    for item in itens:
        item.descricao = _sem_estranhos(item.descricao)
    return ""


def _sem_estranhos(texto: str) -> str:
    """Without what the town halls do not take; the blanks it leaves are joined."""
    limpo = "".join(letra for letra in texto if aceita(letra))
    return texto if limpo == texto else re.sub(r" {2,}", " ", limpo).strip()


def _atividade(nota: Nota, itens: Sequence[NotaItem], valor: str, contexto: Contexto) -> str:
    """By CNAE: each prestador has ids of its own at SISGENF-e."""
    todas = contexto.atividades(contexto.rotas.rota(nota.empresa, nota.competencia))
    suas = [atividade for atividade in todas.values() if algarismos(atividade.codigo) == valor]
    if not suas:
        return f"O CNAE {valor} não é de {nota.empresa} no SISGENF-e."
    for item in itens:
        do_item = [a for a in suas if item_sem_zero(a.lc116) == item_sem_zero(item.item_lc116_id)] or suas
        if len(do_item) > 1:
            return f"{nota.empresa} tem mais de uma atividade com o CNAE {valor}. Escolha na tela da nota."
        item.atividade, item.cnae = do_item[0].id_servico, valor
    return ""


def _ler_item(texto: str) -> str | Invalido:
    item = item_sem_zero(texto.replace(",", "."))
    if ItemLc116.objects.filter(pk=item).exists():
        return item
    return Invalido(Motivo.INEXISTENTE, f"Não existe o item {texto} na lista da LC 116. Digite como 17.19.")


def _ler_nacional(texto: str) -> str | Invalido:
    lido = ler_codigo_nacional(texto)
    if isinstance(lido, Invalido) or ServicoNacional.objects.filter(pk=lido).exists():
        return lido
    return Invalido(Motivo.INEXISTENTE, f"Não existe o código {texto} na lista nacional de serviços.")


def _ler_texto(texto: str) -> str | Invalido:
    if len(texto) > MAIOR_TEXTO:
        return Invalido(
            Motivo.TAMANHO,
            f"O texto tem {format_numero(len(texto))} caracteres e o máximo é {format_numero(MAIOR_TEXTO)}. Encurte-o.",
        )
    return texto


def _sim_nao(valor: bool) -> str:
    return "sim" if valor else "não"


def _ou(dizer: Callable[[Any], str], vazio: str) -> Callable[[Any], str]:
    return lambda valor: vazio if valor is None else dizer(valor)


def _do_item(nome: str, rotulo: str, ler: Leitor, **outros: Any) -> Campo:
    return Campo(nome, rotulo, ler, _nos_itens(outros.pop("coluna", nome)), colunas=(nome,), **outros)


_CAMPOS = (
    Campo("emissao", "Data de emissão", parse_data, _na_nota("emissao"), format_data, "data"),
    Campo("competencia", "Competência", ler_competencia, _na_nota("competencia"), format_competencia, "competencia"),
    Campo("iss_retido", "ISS retido pelo tomador", parse_sim_nao, _na_nota("iss_retido"), _sim_nao, "sim_nao"),
    Campo("observacao", "Informações complementares", _ler_texto, _na_nota("observacao"), entrada="longo"),
    _do_item(
        "aliquota",
        "Alíquota do ISS",
        parse_percentual,
        dizer=_ou(format_percentual, "a que o município decide"),
        entrada="percentual",
        ajuda="em %, como 2,5; em branco, a que o município decide",
        opcional=True,
    ),
    Campo(
        "atividade",
        "Atividade (CNAE)",
        cnae,
        _atividade,
        entrada="atividade",
        ajuda="do prestador no SISGENF-e; cada empresa recebe a dela",
        colunas=("atividade", "cnae"),
    ),
    _do_item("item_lc116", "Item da LC 116", _ler_item, coluna="item_lc116_id", ajuda="como 17.19"),
    _do_item("unidade", "Unidade de medida", partial(ler_linha, rotulo="Unidade", maximo=30), entrada="unidade"),
    _do_item(
        "deducao",
        "Dedução",
        parse_dinheiro,
        dizer=_ou(format_dinheiro, "nenhuma"),
        entrada="dinheiro",
        ajuda="em reais, em cada item; em branco, nenhuma",
        opcional=True,
    ),
    _do_item("codigo_nacional", "Código nacional (cTribNac)", _ler_nacional, ajuda="6 números, como 17.19.01"),
    _do_item("codigo_municipal", "Código no município", partial(ler_linha, rotulo="Código no município", maximo=20)),
    _do_item("nbs", "NBS", ler_nbs, ajuda="9 números"),
    Campo(
        "descricao",
        "Descrição",
        _ler_texto,
        _descrever,
        entrada="longo",
        ajuda="a mesma em todos os itens; {MES}, {MM} e {ANO} são os da competência",
        colunas=("descricao",),
    ),
    Campo(
        "pis_cofins_situacao",
        "CST do PIS e da COFINS",
        LEITORES_DO_ARQUIVO["pis_cofins_situacao"],
        _nos_detalhes("pis_cofins_situacao"),
        lambda valor: str(SituacaoPisCofins(valor).label),
        "cst",
        "o da própria empresa; na NFS-e Nacional, vai sempre que PIS, COFINS ou CSLL são retidos",
    ),
    Campo(
        "limpar",
        "Apagar os caracteres que não são aceitos",
        str,
        _limpar,
        lambda valor: "apagados",
        "nenhuma",
        "emojis e símbolos saem da descrição e das informações complementares; o resto do texto fica",
        colunas=("descricao",),
    ),
)
CAMPOS: Mapping[str, Campo] = {campo.nome: campo for campo in _CAMPOS}

_SUGESTOES: dict[str, tuple[str, ...]] = {
    "caractere": ("limpar", "descricao", "observacao"),
    "competencia-futura": ("competencia", "emissao"),
    "lc116-da-atividade": ("item_lc116", "atividade"),
    "lc116-do-codigo-nacional": ("codigo_nacional", "item_lc116"),
    "UNIDADE-DESCONHECIDA": ("unidade",),
}
_DO_PROBLEMA = {"aliquota": ("aliquota", "iss_retido"), "deducao": ("deducao",)}


def sugeridos(codigo: str, lugar: str = "") -> list[Campo]:
    """What mends a problem of the pré-voo, or a refusal: the likeliest first. Empty when nothing of the note does (its
    tomador, its channel): `lugar` is Problema.campo, and empty of a refusal, where anything may."""
    if codigo in _SUGESTOES:
        return [CAMPOS[nome] for nome in _SUGESTOES[codigo]]
    if lugar.partition(".")[0] in LISTAS:  # of one paper, whose fields have names of the note's
        return []
    nome = lugar.rpartition(".")[2]
    if nome == "atividade" and codigo.startswith("integranotas"):
        nome = "codigo_nacional"
    return [CAMPOS[sugerido] for sugerido in _DO_PROBLEMA.get(nome, (nome,)) if sugerido in CAMPOS]


def alvos(problemas: Iterable[Problema], codigo: str, itens: Sequence[NotaItem]) -> Sequence[NotaItem]:
    """The lines that have a problem; all of them when it is the note's, or the service's."""
    lugares = [problema.campo.split(".") for problema in problemas if problema.codigo == codigo]
    numeradas = {int(partes[1]) for partes in lugares if partes[0] == "itens" and len(partes) > 1}
    return [item for ordem, item in enumerate(itens) if ordem in numeradas] or itens


def atividades_comuns(notas: Iterable[Nota], contexto: Contexto) -> list[tuple[str, str, int]]:
    """The CNAE that these prestadores may use at SISGENF-e: (digits, words, how many of the notes), most used first."""
    vistas: dict[str, tuple[ReferenciaCanal, int]] = {}
    for nota in notas:
        suas = {
            algarismos(a.codigo): a
            for a in contexto.atividades(contexto.rotas.rota(nota.empresa, nota.competencia)).values()
        }
        for codigo, atividade in suas.items():
            vistas[codigo] = (atividade, vistas.get(codigo, (atividade, 0))[1] + 1)
    ordenadas = sorted(vistas.items(), key=lambda par: (-par[1][1], par[0]))
    return [(codigo, f"{atividade.codigo} {atividade.nome}".strip(), n) for codigo, (atividade, n) in ordenadas]
