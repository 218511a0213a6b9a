"""A DARF from what was typed to the Operacao that draws it: what its receita asks for, its pré-voo and its run."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from comum.formatos import contar, format_data, format_dinheiro
from comum.models import Usuario
from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import Darf, Guia
from guias.providers.sicalc import Extensao, PedidoDarf
from guias.services import avisos
from guias.services.acesso import Acessos, Codigo, Fora, acesso_ou_motivo, exigidos, segurar
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.avisos import Aviso
from guias.services.dia_de_pagar import dia_proposto
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido
from guias.services.periodos import Periodo
from guias.services.prevoo import Mudou, Prevoo, custear, segurar_teto, substituicoes
from guias.services.receitas_federais import conhecidas, extensao_de
from operacoes.models import Classe, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar

ACAO = "darf"
TIPO, TIPO_BARRAS = "guias.darf.emitir", "guias.darf.barras"
MINIMO, MINIMO_DA_COTA, MAXIMO = Decimal("10.00"), Decimal("50.00"), Decimal("999999999.99")

# Field of a Darf -> what SICALC calls it, and how it is told.
CONDICIONAIS = {
    "referencia": ("numeroReferencia", "número de referência"),
    "cota": ("cota", "quota"),
    "multa": ("valorMulta", "multa"),
    "juros": ("valorJuros", "juros"),
    "ganho_capital": ("ganhoCapital", "ganho de capital"),
    "alienacao": ("dataAlienacao", "data da alienação"),
    "cno": ("cno", "CNO"),
    "cnpj_prestador": ("cnpjPrestador", "CNPJ do prestador"),
}


def exigencia(extensao: Extensao, campo: str) -> str:
    """ "obrigatorio", "opcional" or "vedado", of one of CONDICIONAIS."""
    nome, _ = CONDICIONAIS[campo]
    if nome in extensao.obrigatorios:
        return "obrigatorio"
    return "opcional" if nome in extensao.opcionais else "vedado"


def problemas(darf: Darf, extensao: Extensao, periodo: Periodo, hoje: date) -> dict[str, str]:
    """What SICALC would refuse, by field of the Darf, in pt-BR. `darf.empresa` with its município."""
    ditos: dict[str, str] = {}
    for campo, (_, rotulo) in CONDICIONAIS.items():
        falta = getattr(darf, campo) in (None, "")
        exigido = exigencia(extensao, campo)
        if falta and exigido == "obrigatorio":
            ditos[campo] = f"A receita {darf.codigo} pede {rotulo}. Informe."
        elif not falta and exigido == "vedado":
            ditos[campo] = f"A receita {darf.codigo} não aceita {rotulo}. Apague."
    ditos |= _da_empresa(darf, extensao)
    if extensao.criacao and periodo.competencia < extensao.criacao.replace(day=1):
        ditos["periodo"] = f"A receita {darf.codigo} só existe desde {format_data(extensao.criacao)}."
    if extensao.extincao and periodo.competencia > extensao.extincao:
        ditos["periodo"] = f"A receita {darf.codigo} deixou de existir em {format_data(extensao.extincao)}."
    if periodo.inicio > hoje:
        ditos["periodo"] = f"O período {periodo.dito} ainda não começou. Confira o mês e o ano."
    if darf.consolidacao < hoje:
        ditos["consolidacao"] = "A data para pagar já passou. Escolha hoje ou um dia adiante."
    elif darf.consolidacao > darf.vencimento and _mes(darf.consolidacao) > _mes(hoje):
        ditos["consolidacao"] = (
            "Vencido, o DARF só pode ser calculado para um dia deste mês: a Selic do seguinte não é conhecida."
        )
    total = darf.valor + (darf.multa or 0) + (darf.juros or 0)
    if darf.valor and extensao.veda_valor:
        ditos["valor"] = f"A receita {darf.codigo} não aceita valor do principal. Apague-o, ou deixe zero."
    elif not darf.valor and not extensao.veda_valor:
        ditos["valor"] = "Informe o valor do principal."
    elif darf.cota and darf.valor < MINIMO_DA_COTA:
        ditos["valor"] = "A quota é de R$ 50,00 ou mais."
    elif total > MAXIMO:
        ditos["valor"] = f"O total de um DARF vai até {format_dinheiro(MAXIMO)}. Divida-o em mais de um."
    elif total < MINIMO and darf.consolidacao <= darf.vencimento:
        ditos["valor"] = "Abaixo de R$ 10,00 não se emite DARF: o valor soma-se ao do período seguinte."
    if darf.so_barras and not extensao.codigo_barras:
        ditos["so_barras"] = f"A receita {darf.codigo} não tem DARF com código de barras. Emita em PDF."
    return ditos


def _mes(dia: date) -> date:
    return dia.replace(day=1)


def _da_empresa(darf: Darf, extensao: Extensao) -> dict[str, str]:
    empresa = darf.empresa
    pessoa_juridica = len(empresa.documento) == 14
    if pessoa_juridica and not extensao.pj:
        return {"receita": f"A receita {darf.codigo} é só de pessoa física."}
    if not pessoa_juridica and not extensao.pf:
        return {"receita": f"A receita {darf.codigo} é só de pessoa jurídica."}
    if pessoa_juridica and extensao.exige_matriz and empresa.documento[8:12] != "0001":
        return {"empresa": f"A receita {darf.codigo} é recolhida pela matriz. Escolha a matriz."}
    if empresa.municipio is None or not empresa.municipio.codigo_tom:
        return {"empresa": "Falta o município no cadastro desta empresa: o DARF o pede."}
    if darf.cnpj_prestador and darf.cnpj_prestador == empresa.documento:
        return {"cnpj_prestador": "O prestador não pode ser a própria empresa."}
    return {}


def para_envio(darf: Darf) -> PedidoDarf:
    municipio = darf.empresa.municipio
    assert municipio is not None  # noqa: S101 - problemas() has looked
    return PedidoDarf(
        uf=municipio.uf,
        municipio=municipio.codigo_tom,
        receita=darf.receita,
        extensao=darf.extensao,
        tipo_pa=darf.tipo_pa,
        data_pa=darf.periodo,
        vencimento=darf.vencimento,
        valor=darf.valor,
        consolidacao=darf.consolidacao,
        referencia=darf.referencia,
        cota=darf.cota,
        multa=darf.multa,
        juros=darf.juros,
        ganho_capital=darf.ganho_capital,
        alienacao=darf.alienacao,
        observacao=darf.observacao,
        cno=darf.cno,
        cnpj_prestador=darf.cnpj_prestador,
    )


def para_pedido(darf: Darf) -> Pedido:
    """What the Operacao keeps of a DARF as it says now."""
    return {"divida": darf.divida, "complemento": darf.complemento, "dados": para_json(para_envio(darf))}


_DATAS = ("vencimento", "consolidacao", "alienacao")
_VALORES = ("valor", "multa", "juros")


def para_json(pedido: PedidoDarf) -> Pedido:
    dados: Pedido = dict(pedido.__dict__)
    for campo in _DATAS:
        dados[campo] = dados[campo].isoformat() if dados[campo] else None
    for campo in _VALORES:
        dados[campo] = None if dados[campo] is None else str(dados[campo])
    return dados


def de_json(dados: Pedido) -> PedidoDarf:
    lidos = dict(dados)
    for campo in _DATAS:
        lidos[campo] = date.fromisoformat(lidos[campo]) if lidos[campo] else None
    for campo in _VALORES:
        lidos[campo] = None if lidos[campo] is None else Decimal(lidos[campo])
    return PedidoDarf(**lidos)


# -- the pré-voo -------------------------------------------------------------------------------------------------------


class ContextoDarf(Acessos):
    """With the DARFs to be drawn, by pk, and the characteristics of their receitas."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, (TIPO, TIPO_BARRAS, *tipos))
        do_mes = Darf.objects.filter(empresa__in=[e.pk for e in empresas], competencia=competencia)
        self.darfs = {darf.pk: darf for darf in do_mes.com_situacao().select_related("empresa__municipio")}
        self.receitas = conhecidas({darf.receita for darf in self.darfs.values()})
        dividas = {darf.divida for darf in self.darfs.values()}
        vias = Guia.objects.filter(divida__in=dividas).order_by()
        self.vias = dict(vias.values("divida").annotate(n=Count("pk")).values_list("divida", "n"))
        self.pagas = pagas(dividas)
        self.abertas = Counter(
            darf.divida for darf in self.darfs.values() if _situacao(darf) == Darf.Situacao.EM_ANDAMENTO
        )


def _situacao(darf: Darf) -> str:
    return str(getattr(darf, "situacao", ""))


def emissao(item: Item) -> NovaOperacao | Fora:
    """The Operacao of one Darf (`parametros["darf"]`)."""
    contexto = item.contexto
    if not isinstance(contexto, ContextoDarf):
        raise TypeError("this action reads the DARFs of the month")
    darf = contexto.darfs[int(item.parametros["darf"])]
    situacao = _situacao(darf)
    if paga_em := contexto.pagas.get(darf.divida):
        return item.fora(Codigo.PAGA, ja_pago(paga_em))
    if situacao in (Darf.Situacao.EMITIDO, Darf.Situacao.SUBSTITUIDO):
        return item.fora(Codigo.GUIA_EMITIDA, "Já emitido. Para outra cópia, use Emitir de novo.")
    if situacao in (Darf.Situacao.EM_ANDAMENTO, Darf.Situacao.EM_DUVIDA) or contexto.abertas[darf.divida]:
        return item.fora(Codigo.ANDAMENTO, "A emissão deste DARF está em andamento. Espere que termine.")
    receita = contexto.receitas.get(darf.receita)
    extensao = extensao_de(receita, darf.extensao) if receita else None
    if extensao is None:
        return item.fora(Codigo.DADOS, f"A receita {darf.codigo} não foi consultada. Abra o DARF e salve-o de novo.")
    periodo = Periodo(darf.tipo_pa, darf.periodo, darf.competencia)
    if ditos := problemas(darf, extensao, periodo, contexto.hoje):
        return item.fora(Codigo.DADOS, " ".join(ditos.values()))
    pedido = {
        "darf": darf.pk,
        "competencia": darf.competencia.isoformat(),
        "via": contexto.vias.get(darf.divida, 0) + 1,
    } | para_pedido(darf)
    nova = item.nova(TIPO_BARRAS if darf.so_barras else TIPO, f"darf.emitir:{darf.pk}", pedido)
    return replace(nova, prazo=darf.vencimento)


def _a_pagar(nova: NovaOperacao) -> Decimal:
    dados = de_json(nova.pedido["dados"])
    return dados.valor + (dados.multa or 0) + (dados.juros or 0)


def _dias_de_pagar(nova: NovaOperacao) -> tuple[int, date, date]:
    dados = de_json(nova.pedido["dados"])
    return (nova.empresa_id or 0, dados.consolidacao, dados.vencimento)


def _dizer_darf(nova: NovaOperacao) -> str:
    dados = de_json(nova.pedido["dados"])
    prazo = f"vence em {format_data(dados.vencimento)}"
    if dados.vencimento < timezone.localdate():
        prazo = f"venceu em {format_data(dados.vencimento)}, para pagar em {format_data(dados.consolidacao)}"
    return f"{dados.receita}-{dados.extensao} {dados.data_pa}: {format_dinheiro(_a_pagar(nova))} ({prazo})"


DEFINICOES[ACAO] = Definicao(
    "Emitir",
    "DARF",
    "DARF",
    TIPO,
    Servico.DARF,
    Classe.EMISSAO,
    "A Receita calcula a multa e os juros de cada um. Cada DARF emitido é cobrado, também quando é emitido de novo.",
    emissao,
    poderes=frozenset(),
    contexto=ContextoDarf,
    mensal=False,
    dizer=_dizer_darf,
    valor=_a_pagar,
    valor_dito=("Valor dos DARF", "o que foi informado; a Receita soma multa e juros"),
    divida=lambda nova: nova.pedido["divida"],
)


def previa(darfs: QuerySet[Darf], competencia: date) -> Prevoo:
    """What drawing these DARFs would be, at no cost; `competencia` is that of the screen."""
    resultado, definicao = Prevoo(ACAO, competencia), DEFINICOES[ACAO]
    vao: set[Empresa] = set()
    ditos: dict[str, None] = {}
    por_mes: dict[date, list[Darf]] = defaultdict(list)
    for darf in darfs.select_related("empresa").order_by("empresa__ordem", "pk"):
        por_mes[darf.competencia].append(darf)
    for mes, lote in sorted(por_mes.items()):
        contexto = ContextoDarf(list({darf.empresa_id: darf.empresa for darf in lote}.values()), mes)
        for darf in lote:
            vinculo = acesso_ou_motivo(definicao.servico, darf.empresa, contexto, definicao.poderes)
            feito: NovaOperacao | Fora = (
                vinculo
                if isinstance(vinculo, Fora)
                else emissao(Item(darf.empresa, contexto, vinculo, parametros={"darf": str(darf.pk)}))
            )
            if isinstance(feito, Fora):
                resultado.fora.append(feito)
            else:
                resultado.novas.append(feito)
                ditos[Periodo(darf.tipo_pa, darf.periodo, darf.competencia).dito] = None
                if darf.empresa not in vao:
                    vao.add(darf.empresa)
                    resultado.prontas.append(darf.empresa)
    resultado.periodos = list(ditos)
    custear(resultado)
    resultado.avisos = substituicoes(resultado)
    # One look over all the months: what an access lacks is told once.
    acessos = Acessos(resultado.prontas, competencia)
    resultado.avisos += avisos.dos_acessos(resultado.novas, acessos, exigidos(definicao.servico, definicao.poderes))
    resultado.avisos += avisos.dias_sem_banco(resultado.prontas, map(_dias_de_pagar, resultado.novas))
    resultado.avisos += _repetidos(resultado.novas)
    return resultado


_MESES_DO_PERIODO = {Darf.Periodo.MENSAL: 1, Darf.Periodo.TRIMESTRAL: 3, Darf.Periodo.ANUAL: 12}


def _repetidos(novas: Sequence[NovaOperacao]) -> list[Aviso]:
    """Those with the amount, to the cent, of the same receita in the period before."""
    darfs = Darf.objects.select_related("empresa").in_bulk([nova.pedido["darf"] for nova in novas])
    mensais = [darf for darf in darfs.values() if darf.tipo_pa in _MESES_DO_PERIODO]

    def debito(darf: Darf, competencia: date) -> tuple[object, ...]:
        return (darf.empresa_id, darf.codigo, darf.referencia, darf.cota, darf.complemento, competencia, darf.valor)

    de_antes = {d.pk: somar_meses(d.competencia, -_MESES_DO_PERIODO[Darf.Periodo(d.tipo_pa)]) for d in mensais}
    emitidos = Darf.objects.filter(operacao__isnull=False, empresa__in={darf.empresa_id for darf in mensais})
    anteriores = emitidos.filter(competencia__in=set(de_antes.values()))
    vistos = {debito(darf, darf.competencia) for darf in anteriores}
    itens = [
        (darf.empresa, f"{darf.codigo} {darf.periodo}: {format_dinheiro(darf.valor)}")
        for darf in mensais
        if debito(darf, de_antes[darf.pk]) in vistos
    ]
    quantos = contar(len(itens), "DARF tem", "DARF têm")
    texto = f"{quantos} o valor do período anterior, até o centavo. Confira se foi mesmo igual."
    return [Aviso("igual", texto, itens)] if itens else []


def emitir(darfs: QuerySet[Darf], competencia: date, usuario: Usuario, *, marca: str) -> Processamento:
    """Start the run that was shown (`marca` is its pré-voo's). Raises Mudou when it is no longer the same."""
    with transaction.atomic():
        empresas = set(darfs.order_by().values_list("empresa", flat=True))
        segurar(empresas)
        list(darfs.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        segurar_teto(empresas)
        atual = previa(darfs, competencia)
        if atual.marca != marca or not atual.novas:
            raise Mudou(atual)
        return criar(
            tipo=TIPO,
            titulo=atual.titulo,
            usuario=usuario,
            competencia=competencia,
            novas=atual.novas,
            fora=[DeFora(f.empresa.pk, f.codigo.value, f.motivo, str(f.codigo.label)) for f in atual.fora],
            parametros={"acao": ACAO, "marca": marca},
        )


class Paga(Exception):
    """There is nothing to draw again: the debt was paid. The text (pt-BR) says when, and what to do."""


def outra_via(darf: Darf, usuario: Usuario) -> Darf:
    """A new row to draw the same again, to be paid on the day proposed; the one already in preparation when there is
    one. Raises Paga."""
    with transaction.atomic():
        segurar([darf.empresa_id])
        if paga_em := pagas([darf.divida]).get(darf.divida):
            raise Paga(ja_pago(paga_em))
        aberto = Darf.objects.filter(divida=darf.divida, operacao=None).first()
        if aberto is not None:
            return aberto
        copia = Darf.objects.get(pk=darf.pk)
        copia.pk, copia.operacao, copia.criado_por = None, None, usuario
        copia.consolidacao = max(dia_proposto(timezone.localdate()), copia.vencimento)
        copia.criado_em = timezone.now()
        copia.save(force_insert=True)
        return copia


@dataclass(frozen=True)
class Igual:
    """A debt with the receita, period, reference and quota of another: `dito` is what is known of it (pt-BR),
    `aberto` that a DARF of it is still to be emitted, `pago` that one was paid."""

    complemento: int
    dito: str
    aberto: bool
    pago: bool


def iguais(darf: Darf) -> list[Igual]:
    """The debts that a DARF could be taken for, those that were only refused left out."""
    por_complemento: dict[int, Igual] = {}
    campos = ("empresa_id", "receita", "extensao", "periodo", "referencia", "cota")
    outros = Darf.objects.filter(**{campo: getattr(darf, campo) for campo in campos}).exclude(pk=darf.pk)
    for outro in outros.com_situacao().select_related("operacao__guia").order_by("pk"):
        if _situacao(outro) == Darf.Situacao.RECUSADO:
            continue
        guia = getattr(outro.operacao, "guia", None) if outro.operacao_id else None
        dito = f"a emitir, de {format_dinheiro(outro.valor)}" if guia is None else _dita(guia)
        antes = por_complemento.get(outro.complemento)
        aberto = outro.operacao_id is None or (antes is not None and antes.aberto)
        pago = (guia is not None and guia.paga_em is not None) or (antes is not None and antes.pago)
        por_complemento[outro.complemento] = Igual(outro.complemento, dito, aberto, pago)
    return sorted(por_complemento.values(), key=lambda igual: igual.complemento)


def _dita(guia: Guia) -> str:
    paga = f", paga em {format_data(guia.paga_em)}" if guia.paga_em else ""
    return f"o {guia.numero}, de {format_dinheiro(guia.total)}{paga}"


def proxima_via(divida: str) -> int:
    return Guia.objects.filter(divida=divida).count() + 1


def pagas(dividas: Collection[str]) -> dict[str, date]:
    """Of these dívidas, those of which a copy was paid, and when."""
    feitas = Guia.objects.filter(divida__in=dividas, paga_em__isnull=False).order_by()
    return dict(feitas.values("divida").annotate(em=Max("paga_em")).values_list("divida", "em"))


def ja_pago(paga_em: date) -> str:
    return (
        f"Este DARF já foi pago em {format_data(paga_em)}: não há outra via a emitir. Se é outro débito, prepare outro "
        "DARF e escolha outro débito (complemento)."
    )


def ja_emitido(divida: str) -> str:
    """Words on a guia of the same debt; empty when there is none."""
    guia = Guia.objects.filter(divida=divida).order_by("-pk").first()
    if guia is None:
        return ""
    return f"Já há um DARF deste débito: {_dita(guia)}. Este será outra via dele."
