"""The DCTFWeb of a month: which declarations there are, and what can be asked of the Receita about each."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from comum.formatos import contar, format_competencia, format_data, format_dinheiro
from credentials.models import Servico
from empresas.calendario import dia_util, proximo_dia_util, regra_da_tabela, vencimento
from empresas.models import Empresa, Feriado, Obrigacao, ProrrogacaoVencimento
from guias.models import ApuracaoMit, DeclaracaoDctfweb, Guia
from guias.providers.dctfweb import Categoria, Chave, Origem
from guias.services import suspensoes_mit
from guias.services.acesso import Acessos, Codigo, Fora
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.avisos import Aviso
from guias.services.dia_de_pagar import dia_proposto
from guias.services.dividas_dctfweb import TIPO_GUIA, TIPO_GUIA_ANDAMENTO, base_de, divida, e_outra
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido
from operacoes.models import ABERTAS, Classe, Operacao
from operacoes.motor import NovaOperacao

TIPO_XML, TIPO_RECIBO, TIPO_COMPLETA = "guias.dctfweb.xml", "guias.dctfweb.recibo", "guias.dctfweb.completa"
TIPO_TRANSMITIR = "guias.dctfweb.transmitir"
TIPOS = (TIPO_XML, TIPO_RECIBO, TIPO_COMPLETA, TIPO_TRANSMITIR, TIPO_GUIA, TIPO_GUIA_ANDAMENTO)
ACAO_XML, ACAO_RECIBO, ACAO_COMPLETA = "dctfweb_xml", "dctfweb_recibo", "dctfweb_completa"
ACAO_TRANSMITIR, ACAO_GUIA, ACAO_GUIA_ANDAMENTO = "dctfweb_transmitir", "dctfweb_guia", "dctfweb_guia_andamento"

Situacao = DeclaracaoDctfweb.Situacao
RECIBO = re.compile(r"[0-9]{1,20}")
RECIBO_ERRADO = "O número do recibo tem só algarismos, como no recibo de entrega. Confira."
RECIBO_DE_MUITAS = "O número do recibo é de uma declaração só. Marque uma empresa e peça de novo."
_PESSOA_FISICA = (Categoria.PF_MENSAL, Categoria.PF_13O_SALARIO)


def prazo(competencia: date, categoria: Categoria = Categoria.GERAL_MENSAL) -> date:
    """Last day to transmit, by the official table and the postponements on record."""
    return _pela_tabela("DCTFWEB-13" if categoria.anual else "DCTFWEB", competencia)


def vencimento_da_guia(pedido: Pedido) -> date:
    """When what a declaration confesses falls due, by the official table: the 20th of the next month, of the 13º
    salário 20 December. Of a sports event the second banking day after it (Lei 8.212/1991, art. 22, § 7º)."""
    categoria, competencia = Categoria(pedido["categoria"]), date.fromisoformat(pedido["competencia"])
    if categoria is Categoria.ESPETACULO_DESPORTIVO:
        dia = competencia.replace(day=pedido["dia"])
        feriados = set(Feriado.objects.filter(data__gte=dia).values_list("data", flat=True))
        for _ in range(2):
            dia = proximo_dia_util(dia + timedelta(days=1), feriados)
        return dia
    return _pela_tabela("DCTFWEB-13" if categoria.anual else "DARF-PREV", competencia)


def _pela_tabela(codigo: str, competencia: date) -> date:
    obrigacao = Obrigacao.objects.get(pk=codigo)
    regra = regra_da_tabela(
        codigo=codigo,
        periodicidade=obrigacao.periodicidade,
        dia=obrigacao.dia,
        mes=obrigacao.mes,
        meses_apos=obrigacao.meses_apos,
        ajuste=obrigacao.ajuste_dia_nao_util,
    )
    if regra is None:
        return date.max
    feriados = set(Feriado.objects.filter(data__gte=competencia).values_list("data", flat=True))
    movidas = ProrrogacaoVencimento.objects.filter(obrigacao=codigo, competencia=competencia)
    return vencimento(regra, competencia, feriados, dict(movidas.values_list("competencia", "vencimento")))


def chave_de(pedido: Pedido) -> Chave:
    categoria = Categoria(pedido["categoria"])
    mes = date.fromisoformat(pedido["competencia"])
    return Chave(
        categoria=categoria,
        periodo=mes.replace(day=pedido["dia"] or 1),
        cno=pedido["identificador"] if categoria is Categoria.AFERICAO else "",
        processo=pedido["identificador"] if categoria is Categoria.RECLAMATORIA_TRABALHISTA else "",
    )


class ContextoDctfweb(Acessos):
    """With what is known of each declaration, and the guias already drawn of it."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, (*TIPOS, *tipos))
        pks = [empresa.pk for empresa in empresas]
        lidas = DeclaracaoDctfweb.objects.filter(empresa__in=pks, competencia__year=competencia.year)
        self.declaracoes = {
            (d.empresa_id, d.competencia, d.categoria, d.dia, d.identificador): d for d in lidas.select_related("xml")
        }
        mits = ApuracaoMit.objects.filter(empresa__in=pks, competencia=competencia).defer("debitos", "eventos")
        self.mits = {mit.empresa_id: mit for mit in mits}
        # By the dívida that was first: the last guia, and the last of each tipo of Operacao.
        self.ultimas: dict[str, Guia] = {}
        self.emitidas: dict[tuple[str, str], Guia] = {}
        self.vias: Counter[str] = Counter()
        self._pagas: dict[tuple[str, int], date] = {}
        guias = Guia.objects.filter(empresa__in=pks, tipo=Guia.Tipo.DARF_DCTFWEB, competencia=competencia)
        campos = ("divida", "revisao", "emitida_em", "paga_em", "operacao__tipo", "operacao__pedido")
        for guia in guias.select_related("operacao").only(*campos).order_by("pk"):
            base = base_de(guia.divida)
            self.ultimas[base] = self.emitidas[base, guia.operacao.tipo] = guia
            self.vias[base] += 1
            if guia.paga_em:
                self._pagas[guia.divida, guia.revisao] = guia.paga_em
        self._prazo = prazo(competencia)

    @property
    def prazo(self) -> date:
        return self._prazo

    def paga_em(self, guia: Guia | None) -> date | None:
        """The day on which a copy of it was paid."""
        return self._pagas.get((guia.divida, guia.revisao)) if guia else None

    def da_mesma(self, base: str, pedido: Pedido, tipo: str, transmitida_em: datetime | None) -> Guia | None:
        """The last guia of the declaration asked about, as far as it is known to be the same."""
        guia = self.emitidas.get((base, tipo))
        return guia if guia and not e_outra(guia, tipo, pedido.get("recibo", ""), transmitida_em) else None

    def ja_paga(self, base: str, pedido: Pedido, tipo: str, transmitida_em: datetime | None) -> date | None:
        """The day on which what is asked for was paid, unless it is surely of another declaration or more is due."""
        if pedido.get("a_mais"):
            return None
        for guia in (self.ultimas.get(base), self.emitidas.get((base, tipo))):
            paga_em = self.paga_em(guia)
            if guia and paga_em and not e_outra(guia, tipo, pedido.get("recibo", ""), transmitida_em):
                return paga_em
        return None


def _alvo(item: Item) -> Pedido:
    return {
        "categoria": int(item.parametros.get("categoria") or Categoria.GERAL_MENSAL),
        "dia": int(item.parametros.get("dia") or 0),
        "identificador": item.parametros.get("identificador", ""),
        "competencia": item.contexto.competencia.isoformat(),
    }


def _do_contexto(item: Item) -> ContextoDctfweb:
    if not isinstance(item.contexto, ContextoDctfweb):
        raise TypeError("this action reads the declarations of the month")
    return item.contexto


def _conhecida(item: Item, alvo: Pedido) -> DeclaracaoDctfweb | None:
    contexto = _do_contexto(item)
    chave = (item.empresa.pk, contexto.competencia, alvo["categoria"], alvo["dia"], alvo["identificador"])
    return contexto.declaracoes.get(chave)


def _impedida(item: Item, alvo: Pedido) -> Fora | None:
    """What stops any question: the wrong kind of person, or something about it under way."""
    fisica = len(item.empresa.documento) == 11
    if fisica != (Categoria(alvo["categoria"]) in _PESSOA_FISICA):
        quem = "CPF" if fisica else "CNPJ"
        return item.fora(Codigo.REGIME, f"Esta categoria não é de {quem}. Escolha outra categoria.")
    for tipo, _, situacao in item.contexto.operacoes[item.empresa.pk]:
        if tipo == TIPO_TRANSMITIR and situacao in ABERTAS:
            return item.fora(Codigo.ANDAMENTO, "A transmissão da DCTFWeb está em andamento. Espere que termine.")
    return None


def _do_recibo(pedido: Pedido) -> str:
    """Within a key, where ":r" begins another try."""
    return f":n{pedido['recibo']}" if pedido.get("recibo") else ""


def _nome(alvo: Pedido, empresa: int) -> str:
    return f"{empresa}:{alvo['competencia'][:7]}:{alvo['categoria']}:{alvo['dia']}:{alvo['identificador']}"


def _pergunta(tipo: str) -> Callable[[Item], NovaOperacao | Fora]:
    """A paid question, once an hour: a declaration changes while the origins close."""

    def montar(item: Item) -> NovaOperacao | Fora:
        alvo = _alvo(item)
        if parada := _impedida(item, alvo):
            return parada
        if tipo != TIPO_XML:
            alvo["recibo"] = item.parametros.get("recibo", "")
        agora = timezone.localtime()
        chave = f"{tipo.removeprefix('guias.')}:{_nome(alvo, item.empresa.pk)}{_do_recibo(alvo)}:{agora:%Y%m%d%H}"
        if tipo == TIPO_XML:
            chave += _do_mit(item, alvo, agora)
        if item.contexto.feita(item.empresa.pk, chave):
            return item.fora(Codigo.JA_CONSULTADA, "Já consultada nesta hora. Espere a próxima, ou use o que chegou.")
        curta = f"{alvo['competencia'][:7]} {alvo['categoria']}{alvo['dia'] or ''} {alvo['identificador']}".strip()
        return item.nova(tipo, chave, alvo | {"chave": curta, "parametros": alvo})

    return montar


def _mit(item: Item, alvo: Pedido) -> ApuracaoMit | None:
    """The month of MIT whose debits the declaration takes."""
    return _do_contexto(item).mits.get(item.empresa.pk) if alvo["categoria"] == Categoria.GERAL_MENSAL else None


def _do_mit(item: Item, alvo: Pedido, agora: datetime) -> str:
    """Within a key of this hour: a MIT closed in it changed the declaration, and what was found before is no more."""
    mit = _mit(item, alvo)
    encerrada_em = timezone.localtime(mit.encerrada_em) if mit is not None and mit.encerrada_em else None
    recente = encerrada_em is not None and f"{encerrada_em:%Y%m%d%H}" == f"{agora:%Y%m%d%H}"
    return f":m{encerrada_em:%M%S}" if recente else ""


def transmissao(item: Item) -> NovaOperacao | Fora:
    """The XML that was fetched is what is signed and sent: another calculation at the Receita refuses it."""
    alvo = _alvo(item)
    if parada := _impedida(item, alvo):
        return parada
    conhecida = _conhecida(item, alvo)
    if conhecida is not None and conhecida.situacao == Situacao.TRANSMITIDA:
        return item.fora(Codigo.TRANSMITIDA, "A declaração já foi transmitida. Para corrigir, retifique na origem.")
    if conhecida is None or conhecida.xml is None or conhecida.situacao != Situacao.EM_ANDAMENTO:
        return item.fora(Codigo.DADOS, "O XML da declaração em andamento não foi buscado. Busque-o e confira antes.")
    chave = f"dctfweb.transmitir:{_nome(alvo, item.empresa.pk)}:{conhecida.xml.sha256[:16]}"
    if item.contexto.feita(item.empresa.pk, chave):
        return item.fora(Codigo.TRANSMITIDA, "Este mesmo XML já foi transmitido. Busque a declaração de novo.")
    mit = _mit(item, alvo)
    fechado = mit if mit is not None and mit.situacao == ApuracaoMit.Situacao.ENCERRADA else None
    pedido = alvo | {
        "declaracao": conhecida.pk,
        "xml": str(conhecida.xml_id),
        "sha256": conhecida.xml.sha256,
        "xml_em": conhecida.xml_em.isoformat() if conhecida.xml_em else "",
        "mit": str(fechado.confessado) if fechado else "",
        "suspenso": str(suspensoes_mit.total(fechado.suspensoes)) if fechado and fechado.suspensoes else "",
    }
    return item.nova(TIPO_TRANSMITIR, chave, pedido)


def _dizer_declaracao(nova: NovaOperacao) -> str:
    """The Receita tells no total; what came from MIT is known."""
    pedido, partes = nova.pedido, []
    if pedido["xml_em"]:
        xml_em = timezone.localtime(datetime.fromisoformat(pedido["xml_em"]))
        partes.append(f"XML buscado em {format_data(xml_em)} {xml_em:%H:%M}")
    if pedido["mit"]:
        partes.append(f"do MIT, {format_dinheiro(Decimal(pedido['mit']))}")
    if pedido["suspenso"]:
        partes.append(f"suspensos por processo, {format_dinheiro(Decimal(pedido['suspenso']))}")
    return "; ".join(partes)


def _mit_aberto(prontas: Sequence[Empresa], contexto: Acessos, parametros: Mapping[str, str]) -> list[Aviso]:
    """Those whose month of MIT is not closed: what it confesses would not be in what is transmitted."""
    if not isinstance(contexto, ContextoDctfweb):
        raise TypeError("this action reads the declarations of the month")
    if int(parametros.get("categoria") or Categoria.GERAL_MENSAL) != Categoria.GERAL_MENSAL:
        return []
    itens = [
        (empresa, f"{mit.get_situacao_display()}, {format_dinheiro(mit.confessado)}")
        for empresa in prontas
        if (mit := contexto.mits.get(empresa.pk)) is not None and mit.situacao != ApuracaoMit.Situacao.ENCERRADA
    ]
    texto = (
        f"MIT de {format_competencia(contexto.competencia)} ainda não encerrado em "
        f"{contar(len(itens), 'empresa', 'empresas')}: os débitos dele não vão nesta declaração. Encerre-o antes e "
        "busque a declaração de novo."
    )
    return [Aviso("mit_aberto", texto, itens)] if itens else []


def guia_paga(paga_em: date) -> str:
    return (
        f"A guia já foi paga em {format_data(paga_em)}. Se a declaração mudou depois e há mais a pagar, marque Débito "
        "a mais; senão, não há o que emitir."
    )


def _guia(tipo: str) -> Callable[[Item], NovaOperacao | Fora]:
    def montar(item: Item) -> NovaOperacao | Fora:
        alvo = _alvo(item)
        if parada := _impedida(item, alvo):
            return parada
        origens = [int(o) for o in item.parametros.get("origens", "").split(",") if o]
        do_formulario = {nome: item.parametros.get(nome, "") for nome in ("pagamento", "recibo")}
        pedido = alvo | {"origens": origens, "a_mais": bool(item.parametros.get("a_mais"))} | do_formulario
        base, contexto, conhecida = divida(pedido, item.empresa.pk), _do_contexto(item), _conhecida(item, alvo)
        transmitida_em = conhecida.transmitida_em if conhecida else None
        if paga_em := contexto.ja_paga(base, pedido, tipo, transmitida_em):
            return item.fora(Codigo.PAGA, guia_paga(paga_em))
        ultima = contexto.ultimas.get(base)
        depois_de_paga = contexto.paga_em(ultima) is not None
        ja_emitida = not depois_de_paga and contexto.da_mesma(base, pedido, tipo, transmitida_em) is not None
        if ja_emitida and not item.via_nova:
            return item.fora(Codigo.GUIA_EMITIDA, "A guia já foi emitida. Para outra cópia, marque Outra via.")
        hora = timezone.localtime()
        das_origens = "+".join(map(str, origens)) + _do_recibo(pedido)
        chave = f"{tipo.removeprefix('guias.')}:{_nome(alvo, item.empresa.pk)}:{das_origens}"
        if transmitida_em and not pedido["recibo"]:  # each transmission has guias of its own
            chave += f":{transmitida_em:%Y%m%d%H%M%S}"
        if depois_de_paga and ultima:  # and so has what is asked for after a payment
            chave += f":p{ultima.pk}"
        if item.via_nova:
            chave += f":{hora:%Y%m%d%H%M}"
        if item.contexto.feita(item.empresa.pk, chave):
            return item.fora(Codigo.ANDAMENTO, "Esta guia já foi pedida. Veja o andamento em Operações.")
        via = contexto.vias[base] + 1 if ja_emitida else 1
        return item.nova(tipo, chave, pedido | {"divida": base, "via": via})

    return montar


def pagas_desde(operacoes: Iterable[Operacao]) -> dict[int, str]:
    """Of these requests for a guia, those of what was paid meanwhile: pk -> why not to ask again (pt-BR)."""
    por_mes: dict[date, list[Operacao]] = defaultdict(list)
    for operacao in operacoes:
        por_mes[date.fromisoformat(operacao.pedido["competencia"])].append(operacao)
    ditas = {}
    for mes, lote in por_mes.items():
        contexto = ContextoDctfweb(list(Empresa.objects.filter(pk__in={o.empresa_id for o in lote})), mes)
        for operacao in lote:
            pedido, nomes = operacao.pedido, ("categoria", "dia", "identificador")
            chave = (operacao.empresa_id or 0, mes, *(pedido[nome] for nome in nomes))
            conhecida = contexto.declaracoes.get(chave)
            transmitida_em = conhecida.transmitida_em if conhecida else None
            if paga_em := contexto.ja_paga(pedido["divida"], pedido, operacao.tipo, transmitida_em):
                ditas[operacao.pk] = guia_paga(paga_em)
    return ditas


def problema_do_pagamento(dia: date, hoje: date) -> str:
    """Why a day cannot be that of the payment, in pt-BR; empty when it can (SERPRO, DataAcolhimentoProposta)."""
    feriados = set(Feriado.objects.filter(data__year=dia.year).values_list("data", flat=True))
    if dia < hoje:
        return "A data para pagar já passou. Escolha hoje ou um dia adiante."
    if (dia.year, dia.month) != (hoje.year, hoje.month):
        return "A data para pagar é deste mês: a Receita não calcula para outro."
    return "" if dia_util(dia, feriados) else f"{format_data(dia)} não é dia útil. Escolha um dia útil."


def pagamento_proposto(pedido: Pedido, hoje: date) -> date | None:
    """The day to begin with for a guia that is overdue; None up to its due date, which the Receita uses, and where no
    bank day is left in the month."""
    if hoje <= vencimento_da_guia(pedido):
        return None
    dia = dia_proposto(hoje)
    return None if problema_do_pagamento(dia, hoje) else dia


ORIGENS = {
    Origem.ESOCIAL: "eSocial",
    Origem.SERO: "Sero (obra)",
    Origem.REINF_CP: "Reinf, contribuição previdenciária",
    Origem.REINF_RET: "Reinf, retenções",
    Origem.MIT: "MIT",
}


def _definir(
    acao: str,
    verbo: str,
    singular: str,
    plural: str,
    tipo: str,
    classe: Classe,
    aviso: str,
    montar: Callable[[Item], NovaOperacao | Fora],
    **mais: Any,
) -> None:
    DEFINICOES[acao] = Definicao(
        verbo, singular, plural, tipo, Servico.DCTFWEB, classe, aviso, montar, contexto=ContextoDctfweb, **mais
    )


_definir(
    ACAO_XML,
    "Buscar a declaração em andamento de",
    "empresa",
    "empresas",
    TIPO_XML,
    Classe.CONSULTA,
    "Traz o XML que será assinado. Cada busca é cobrada, também quando não há declaração em andamento.",
    _pergunta(TIPO_XML),
)
_definir(
    ACAO_RECIBO,
    "Buscar",
    "recibo",
    "recibos",
    TIPO_RECIBO,
    Classe.CONSULTA,
    "Cada busca é cobrada; o recibo fica guardado na empresa.",
    _pergunta(TIPO_RECIBO),
)
_definir(
    ACAO_COMPLETA,
    "Buscar",
    "declaração completa",
    "declarações completas",
    TIPO_COMPLETA,
    Classe.CONSULTA,
    "Cada busca é cobrada; o relatório fica guardado na empresa.",
    _pergunta(TIPO_COMPLETA),
)
_definir(
    ACAO_TRANSMITIR,
    "Transmitir",
    "DCTFWeb",
    "DCTFWeb",
    TIPO_TRANSMITIR,
    Classe.DECLARACAO,
    "Tem efeito fiscal e não se desfaz: os débitos ficam confessados. Corrige-se retificando na origem e transmitindo "
    "de novo. Vai assinado pelo certificado do autor do pedido, sobre o XML que foi buscado; se a declaração mudou "
    "depois, a Receita recusa. As consultas que conferem uma dúvida custam à parte.",
    transmissao,
    dizer=_dizer_declaracao,
    avisar=_mit_aberto,
)
_definir(
    ACAO_GUIA,
    "Emitir",
    "DARF da DCTFWeb",
    "DARF da DCTFWeb",
    TIPO_GUIA,
    Classe.EMISSAO,
    "Da declaração já transmitida. Cada DARF emitido é cobrado.",
    _guia(TIPO_GUIA),
    divida=lambda nova: nova.pedido["divida"],
)
_definir(
    ACAO_GUIA_ANDAMENTO,
    "Emitir",
    "DARF da declaração em andamento",
    "DARF de declarações em andamento",
    TIPO_GUIA_ANDAMENTO,
    Classe.EMISSAO,
    "Antes de transmitir: o que for pago é abatido quando a declaração for transmitida. Cada DARF emitido é cobrado.",
    _guia(TIPO_GUIA_ANDAMENTO),
    divida=lambda nova: nova.pedido["divida"],
)
