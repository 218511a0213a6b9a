"""What only some towns ask for: which of it a channel takes, what is wrong with it, and how it goes in the Emissao.

Of the prestador at its channel: special regime, regime of the Simples, tax incentive, burden of taxes, and what stands
in for a note that says neither natureza nor exigibilidade. Of the serviço: exigibilidade, IBS and CBS, whether it is of
a construction site; its own PIS and COFINS. Of the note: all that is in Exigencias. SISGENF-e takes none of it, and
`detalhes` goes by the national system alone.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, NamedTuple

from comum.documentos import mascarar
from nfse.models import CanalNfse, Nota, NotaItem, Servico, TipoCanal
from nfse.models.detalhes import DETALHES, Detalhes
from nfse.models.exigencias import LAYOUTS, SEM_ISS, Exigibilidade, Responsavel, codigo, opcoes, palavras
from nfse.providers.interface import CargaMunicipal, IbsCbs, Obra, Pessoa
from nfse.services import detalhes as nacionais
from nfse.services import papeis

IBS_CBS = ("ibs_cbs_fornecimento", "ibs_cbs_situacao", "ibs_cbs_classificacao")
INTERMEDIARIO = ("intermediario_documento", "intermediario_nome", "intermediario_im")
OBRA = ("obra_codigo", "obra_art")
_DOS_DOIS = ("exigibilidade", "municipio_incidencia", *INTERMEDIARIO, *OBRA, *IBS_CBS, "consumidor_final")
_DO_LAYOUT = {1: frozenset({*_DOS_DOIS, "natureza"}), 2: frozenset({*_DOS_DOIS, "responsavel_retencao"})}
# The fields of a note, as its form names them, in the order of the screen.
CAMPOS = (
    "natureza",
    "exigibilidade",
    "responsavel_retencao",
    "municipio_incidencia",
    *INTERMEDIARIO,
    *OBRA,
    *IBS_CBS,
    "consumidor_final",
    "destinatario",
)
POR_CHAVE = ("municipio_incidencia", "destinatario")  # a row of another table


@dataclass(frozen=True)
class Exigencias:
    """Of one note, under the names of Nota's columns; empty where nothing was said. `detalhes` as stored."""

    natureza: str = ""
    exigibilidade: str = ""
    responsavel_retencao: str = ""
    municipio_incidencia_id: str | None = None
    intermediario_documento: str = ""
    intermediario_nome: str = ""
    intermediario_im: str = ""
    obra_codigo: str = ""
    obra_art: str = ""
    ibs_cbs_fornecimento: str = ""
    ibs_cbs_situacao: str = ""
    ibs_cbs_classificacao: str = ""
    consumidor_final: bool = False
    destinatario_id: int | None = None
    detalhes: Mapping[str, Any] = field(default_factory=dict)

    def por_em(self, nota: Nota) -> None:
        for campo in fields(self):
            setattr(nota, campo.name, getattr(self, campo.name))
        nota.detalhes = dict(self.detalhes)


def da_nota(nota: Nota) -> Exigencias:
    return Exigencias(**{campo.name: getattr(nota, campo.name) for campo in fields(Exigencias)})


def do_servico(servico: Servico | None) -> Exigencias:
    """What a note begins with when it is made from this serviço."""
    if servico is None:
        return Exigencias()
    detalhes = Detalhes(**{nome: getattr(servico, nome) for nome in DETALHES_DO_SERVICO}).para_json()
    return Exigencias(**{nome: getattr(servico, nome) for nome in DO_SERVICO}, detalhes=detalhes)


DO_SERVICO = ("exigibilidade", *IBS_CBS)
DETALHES_DO_SERVICO = ("imunidade", "pis_cofins_situacao", "pis_aliquota", "cofins_aliquota")


def versao_de(canal: CanalNfse | None) -> int:
    """The layout by which the channel takes these fields; 0 where it takes none."""
    return canal.versao_emissao if canal is not None and canal.tipo != TipoCanal.SISGENFE else 0


def direto(canal: CanalNfse | None) -> bool:
    """Whether it is the national system itself, which takes all of its layout."""
    return canal is not None and canal.tipo == TipoCanal.NACIONAL


def campos_do_canal(canal: CanalNfse | None) -> frozenset[str]:
    """Those of CAMPOS and DETALHES that the channel takes."""
    return _DO_LAYOUT.get(versao_de(canal), frozenset()) | (_SO_NACIONAIS if direto(canal) else frozenset())


_SO_NACIONAIS = frozenset({*DETALHES, "destinatario"})


def detalhes_no_canal(nota: Nota, canal: CanalNfse | None) -> Detalhes:
    """Those of the note that go by this channel."""
    return Detalhes.do_json(nota.detalhes) if direto(canal) else Detalhes()


def codigo_no_canal(campo: str, canal: CanalNfse, valor: str) -> str:
    """The code by which the channel takes a stored choice; empty where it has none. A suspended exigibilidade goes
    straight to the national system as a taxable operation, with the group that suspends it."""
    if campo == "exigibilidade" and direto(canal) and valor in nacionais.SUSPENSAS:
        return codigo(campo, 2, Exigibilidade.EXIGIVEL)
    return codigo(campo, versao_de(canal), valor)


def opcoes_no_canal(campo: str, canal: CanalNfse | None) -> list[tuple[str, str]]:
    """The choices that the channel takes, in the words of its layout."""
    todas = opcoes(campo, versao_de(canal))
    if campo == "exigibilidade" and direto(canal):
        todas += [(valor, palavras(campo, 2, valor)) for valor in nacionais.SUSPENSAS]
    return todas


def em_vigor(campo: str, nota: Nota, canal: CanalNfse) -> str:
    """`natureza` or `exigibilidade` of a note: its own, else that of its channel."""
    return str(getattr(nota, campo) or getattr(canal, campo))


def marca(canal: CanalNfse) -> str:
    """Changes when what the channel adds to every note does."""
    nomes = (
        *("regime_tributacao", "regime_apuracao", "incentivo_fiscal", "natureza", "exigibilidade", "carga_municipal"),
        *("informa_im", "total_simples", "carga_federal", "carga_estadual"),
    )
    return f"{versao_de(canal)}:" + ":".join(str(getattr(canal, nome)) for nome in nomes)


# -- the Emissao -----------------------------------------------------------------------------------------------------


def na_emissao(nota: Nota, canal: CanalNfse | None) -> dict[str, Any]:
    """The fields of Emissao that are of here, with the codes of the channel's layout. `nota` with empresa at hand."""
    lugar = nota.empresa.municipio_id or nota.municipio_prestacao_id
    versao = versao_de(canal)
    if canal is None or not versao:
        return {"municipio_incidencia": lugar}
    carga = canal.carga_municipal if versao == 2 else None
    return {
        "municipio_incidencia": nota.municipio_incidencia_id or lugar,
        "natureza": codigo("natureza", versao, em_vigor("natureza", nota, canal)),
        "exigibilidade": codigo_no_canal("exigibilidade", canal, em_vigor("exigibilidade", nota, canal)),
        "responsavel_retencao": codigo("responsavel_retencao", versao, nota.responsavel_retencao),
        "regime_tributacao": codigo("regime_tributacao", versao, canal.regime_tributacao),
        "regime_apuracao": codigo("regime_apuracao", versao, canal.regime_apuracao),
        "incentivo_fiscal": canal.incentivo_fiscal if versao == 1 else None,
        "intermediario": _intermediario(nota),
        "obra": _obra(nota, canal),
        "ibs_cbs": _ibs_cbs(nota, canal),
        "carga_municipal": None if carga is None else CargaMunicipal(percentual=carga),
    }


def _intermediario(nota: Nota) -> Pessoa | None:
    if not any(getattr(nota, nome) for nome in INTERMEDIARIO):
        return None
    return Pessoa(nota.intermediario_documento, nota.intermediario_nome, inscricao_municipal=nota.intermediario_im)


def _obra(nota: Nota, canal: CanalNfse) -> Obra | None:
    return nacionais.obra(nota.obra_codigo, nota.obra_art, detalhes_no_canal(nota, canal))


def _ibs_cbs(nota: Nota, canal: CanalNfse) -> IbsCbs | None:
    """Integra Notas has no field for another destinatário: there it is always the tomador."""
    if not any(getattr(nota, nome) for nome in IBS_CBS):
        return None
    return IbsCbs(
        consumidor_final="1" if nota.consumidor_final else "0",
        codigo_fornecimento=nota.ibs_cbs_fornecimento,
        tipo_destinatario="1" if nota.destinatario_id and direto(canal) else "0",
        situacao_tributaria=nota.ibs_cbs_situacao,
        classificacao_tributaria=nota.ibs_cbs_classificacao,
    )


# -- what is wrong ---------------------------------------------------------------------------------------------------


class Falta(NamedTuple):
    """One thing wrong: where (a field of the note's form), the group it belongs to, and what to do (pt-BR)."""

    campo: str
    codigo: str
    mensagem: str


def faltas(
    nota: Nota, itens: Sequence[NotaItem], canal: CanalNfse | None, exigem_obra: Callable[[], Collection[int]]
) -> Iterator[Falta]:
    """What keeps the note from going by this channel. `exigem_obra` gives the serviços that are of a construction
    site; asked only of a note that names none."""
    if canal is None or not versao_de(canal):
        return
    yield from _da_exigibilidade(nota, canal)
    yield from _do_intermediario(nota, canal)
    if not (direto(canal) or nota.obra_codigo or nota.obra_art):  # there the official table of services says it
        yield from _sem_obra(itens, exigem_obra)
    yield from _do_ibs_cbs(nota, canal)
    if direto(canal) and nota.destinatario is not None and not nota.destinatario.ativo:
        yield Falta(
            "destinatario",
            "exigencia-destinatario",
            f"O destinatário {nota.destinatario} está inativo. Reative-o em Tomadores ou escolha outro.",
        )


def _da_exigibilidade(nota: Nota, canal: CanalNfse) -> Iterator[Falta]:
    versao, valor = versao_de(canal), em_vigor("exigibilidade", nota, canal)
    if valor and not codigo_no_canal("exigibilidade", canal, valor):
        yield Falta(
            "exigibilidade",
            "exigencia-exigibilidade",
            f"O layout {LAYOUTS[versao]} não tem a exigibilidade “{palavras('exigibilidade', versao, valor)}”. Escolha "
            "outra em Exigências do município, ou emita esta nota pelo portal.",
        )
    elif nota.iss_retido and valor in SEM_ISS:
        yield Falta(
            "iss_retido",
            "exigencia-retido-sem-iss",
            f"A nota está com ISS retido e com a exigibilidade “{palavras('exigibilidade', versao, valor)}”, em que "
            "não há ISS. Corrija uma das duas.",
        )


def _do_intermediario(nota: Nota, canal: CanalNfse) -> Iterator[Falta]:
    tem = any(getattr(nota, nome) for nome in INTERMEDIARIO)
    if tem and not nota.intermediario_documento:
        yield Falta("intermediario_documento", "exigencia-intermediario", "Informe o CNPJ ou o CPF do intermediário.")
    if tem and not nota.intermediario_nome:
        yield Falta("intermediario_nome", "exigencia-intermediario", "Informe o nome do intermediário.")
    if not nota.responsavel_retencao or versao_de(canal) != 2:
        return
    if not nota.iss_retido:
        yield Falta(
            "responsavel_retencao",
            "exigencia-responsavel",
            "Há um responsável pela retenção, e o ISS não está como retido. Marque “ISS retido”, ou deixe o "
            "responsável em branco.",
        )
    elif nota.responsavel_retencao == Responsavel.INTERMEDIARIO and not tem:
        yield Falta(
            "intermediario_documento",
            "exigencia-responsavel",
            "Quem retém o ISS é o intermediário: informe o CNPJ ou o CPF e o nome dele.",
        )


def _sem_obra(itens: Sequence[NotaItem], exigem_obra: Callable[[], Collection[int]]) -> Iterator[Falta]:
    nomeados = {item.servico_id for item in itens} - {None}
    if nomeados and nomeados & set(exigem_obra()):
        yield Falta(
            "obra_codigo",
            "exigencia-obra",
            "O serviço é de obra: informe o código dela (CNO ou CEI) ou a ART em Exigências do município.",
        )


_NOMES_IBS_CBS = {
    "ibs_cbs_fornecimento": "o indicador da operação (cIndOp), com 6 números",
    "ibs_cbs_situacao": "o CST do IBS e da CBS, com 3 números",
    "ibs_cbs_classificacao": "a classificação tributária (cClassTrib), com 6 números",
}


def _do_ibs_cbs(nota: Nota, canal: CanalNfse) -> Iterator[Falta]:
    mais = nota.consumidor_final
    if direto(canal):  # what would not go without them
        mais = mais or bool(nota.destinatario_id)
        mais = mais or nacionais.disse(Detalhes.do_json(nota.detalhes), nacionais.DO_IBS_CBS)
    if mais or any(getattr(nota, nome) for nome in IBS_CBS):
        for nome, falta in _NOMES_IBS_CBS.items():
            if not getattr(nota, nome):
                yield Falta(nome, "exigencia-ibs-cbs", f"Do IBS e da CBS falta {falta}.")
    if classificacao_de_outra(nota.ibs_cbs_situacao, nota.ibs_cbs_classificacao):
        yield Falta("ibs_cbs_classificacao", "exigencia-ibs-cbs", CLASSIFICACAO_DE_OUTRA)


CLASSIFICACAO_DE_OUTRA = "A classificação tributária começa pelos 3 números do CST, e esta é de outro. Confira as duas."


def classificacao_de_outra(situacao: str, classificacao: str) -> bool:
    """The first three digits of a cClassTrib are its CST (tabela cClassTrib, Portal da NF-e)."""
    return bool(situacao and classificacao) and not classificacao.startswith(situacao)


# -- where the client's own refusals stand ---------------------------------------------------------------------------

_LUGARES = {
    "natureza_operacao": "natureza",
    "servico.tributos_municipais.tipo_operacao": "exigibilidade",
    "servico.tributos_municipais.responsavel_retencao": "responsavel_retencao",
    "servico.codigo_municipio": "municipio_incidencia",
    "servico.endereco_local_prestacao.codigo_municipio": "municipio_incidencia",
    "servico.codigo_municipio_prestacao": "municipio_prestacao",
    "servico.endereco_local_prestacao.codigo_municipio_prestacao": "municipio_prestacao",
    "intermediario": "intermediario_documento",
    "intermediario.cnpj": "intermediario_documento",
    "intermediario.cpf": "intermediario_documento",
    "intermediario.razao_social": "intermediario_nome",
    "intermediario.im": "intermediario_im",
    "obra": "obra_codigo",
    "obra.codigo": "obra_codigo",
    "obra.art": "obra_art",
    "servico.ibs_cbs": "ibs_cbs_situacao",
    "servico.ibs_cbs.consumidor_final": "consumidor_final",
    "servico.ibs_cbs.codigo_fornecimento": "ibs_cbs_fornecimento",
    "servico.ibs_cbs.situacao_tributaria": "ibs_cbs_situacao",
    "servico.ibs_cbs.classificacao_tributaria": "ibs_cbs_classificacao",
}


def lugar(caminho: str) -> str:
    """The field of the note's form behind a path of Integra Notas' body; empty when it is none of these."""
    return _LUGARES.get(caminho, "")


_DO_NACIONAL = {
    "exigibilidade": "exigibilidade",
    "responsavel_retencao": "responsavel_retencao",
    "iss_retido": "iss_retido",
    "competencia": "competencia",
    "data_servico": "emissao",
    "emissao": "emissao",
    "municipio_prestacao": "municipio_prestacao",
    "municipio_incidencia": "municipio_incidencia",
    "observacao": "observacao",
    "itens": "itens",
}


_DO_IBS_CBS = {
    "codigo_fornecimento": "ibs_cbs_fornecimento",
    "classificacao_tributaria": "ibs_cbs_classificacao",
    **{nome: nome for nome in ("tipo_operacao", "ente_governamental", "credito_presumido")},
}


def lugar_nacional(caminho: str) -> str:
    """The field of the note's form behind a path of the declaration; empty for what stands in the canal or the
    empresa."""
    inicio, _, resto = caminho.partition(".")
    if achado := _DO_NACIONAL.get(caminho) or nacionais.lugar(caminho):
        return achado
    match inicio:
        case "tomador":
            return "tomador"
        case "intermediario":
            return "intermediario_nome" if resto == "nome" else "intermediario_documento"
        case "obra":
            return "obra_codigo"
        case "ibs_cbs":
            return _DO_IBS_CBS.get(resto, "ibs_cbs_situacao")
        case "detalhes_ibs_cbs":
            return "destinatario" if resto.startswith("destinatario") else "ibs_cbs_fornecimento"
        case "itens":
            numero, _, campo = resto.partition(".")
            nome = {"codigo": "codigo_nacional"}.get(campo.partition(".")[0], campo.partition(".")[0])
            return f"itens.{numero}.{nome}"
    return ""


# -- in words --------------------------------------------------------------------------------------------------------


def em_palavras(nota: Nota, canal: CanalNfse | None) -> list[tuple[str, str]]:
    """(label, words) of what the note says by itself and its channel takes; all of it while it has no channel."""
    exigibilidade = nota.get_exigibilidade_display() if nota.exigibilidade else ""
    responsavel = nota.get_responsavel_retencao_display() if nota.responsavel_retencao else ""
    ditas = [
        ("natureza", "Natureza da operação", nota.get_natureza_display() if nota.natureza else ""),
        ("exigibilidade", "Exigibilidade do ISS", exigibilidade),
        ("responsavel_retencao", "Quem retém o ISS", responsavel),
        (
            "municipio_incidencia",
            "Incidência do ISS",
            str(nota.municipio_incidencia) if nota.municipio_incidencia_id else "",
        ),
        ("intermediario_documento", "Intermediário", _dizer_intermediario(nota)),
        ("obra_codigo", "Obra", _juntar(("", nota.obra_codigo), ("ART ", nota.obra_art))),
        ("ibs_cbs_situacao", "IBS e CBS", _dizer_ibs_cbs(nota)),
        ("destinatario", "Destinatário", str(nota.destinatario) if nota.destinatario_id else ""),
    ]
    aceitos = CAMPOS if canal is None else campos_do_canal(canal)
    comuns = [(rotulo, texto) for campo, rotulo, texto in ditas if texto and campo in aceitos]
    if not nota.detalhes or not (canal is None or direto(canal)):
        return comuns
    detalhes, valor = Detalhes.do_json(nota.detalhes), nota.valor_servicos
    ditas_la = nacionais.em_palavras(detalhes, valor - nota.valor_descontos)
    return comuns + ditas_la + papeis.em_palavras(detalhes, valor)


def com_as_do_canal(nota: Nota, canal: CanalNfse | None) -> list[tuple[str, str]]:
    """(label, words) of what would go by this channel: what the note says, and what the channel adds to it."""
    ditas = em_palavras(nota, canal)
    if canal is None or not versao_de(canal):
        return ditas
    rotulos = {rotulo for rotulo, _ in ditas}
    return ditas + [(rotulo, f"{texto} (do canal)") for rotulo, texto in do_canal(canal) if rotulo not in rotulos]


def do_canal(canal: CanalNfse) -> list[tuple[str, str]]:
    """(label, words) of what the channel adds to every note, in the words of its layout."""
    versao = versao_de(canal)
    escolhas = (
        ("Natureza da operação", "natureza"),
        ("Exigibilidade do ISS", "exigibilidade"),
        ("Regime especial", "regime_tributacao"),
        ("Apuração no Simples", "regime_apuracao"),
    )
    ditas = [
        (rotulo, palavras(campo, versao, valor))
        for rotulo, campo in escolhas
        if codigo(campo, versao, valor := str(getattr(canal, campo)))
    ]
    if versao == 1 and canal.incentivo_fiscal is not None:
        ditas.append(("Incentivo fiscal", "sim" if canal.incentivo_fiscal else "não"))
    if canal.tipo == TipoCanal.NACIONAL:
        ditas.append(("Inscrição municipal", "informada na nota" if canal.informa_im else "não informada"))
    cargas = (
        ("Carga do Simples", canal.total_simples),
        ("Carga tributária federal", canal.carga_federal),
        ("Carga tributária estadual", canal.carga_estadual),
        ("Carga tributária municipal", canal.carga_municipal),
    )
    if versao == 2:
        ditas += [(nome, _percentual(valor)) for nome, valor in cargas if valor is not None]
    return ditas


def _percentual(valor: Decimal) -> str:
    return f"{valor.normalize():f}%".replace(".", ",")


def _dizer_intermediario(nota: Nota) -> str:
    return _juntar(
        ("", nota.intermediario_nome),
        ("", mascarar(nota.intermediario_documento)),
        ("IM ", nota.intermediario_im),
    )


def _dizer_ibs_cbs(nota: Nota) -> str:
    if not any(getattr(nota, nome) for nome in IBS_CBS):
        return ""
    return _juntar(
        ("CST ", nota.ibs_cbs_situacao),
        ("cClassTrib ", nota.ibs_cbs_classificacao),
        ("cIndOp ", nota.ibs_cbs_fornecimento),
        ("", "uso ou consumo pessoal" if nota.consumidor_final else ""),
    )


def _juntar(*partes: tuple[str, str]) -> str:
    return " · ".join(f"{antes}{texto}" for antes, texto in partes if texto)
