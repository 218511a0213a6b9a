"""What a guia, or a note of a service taken, becomes as a title: nothing is written, nobody is asked.

Source of each field: docs/contas-a-pagar.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from django.utils import timezone

from comum.documentos import mascarar
from comum.formatos import format_competencia
from empresas.models import Empresa, Feriado
from guias.models import Guia
from nfse.models import NotaRecebida
from pagar.models import Fornecedor, Momento, Origem, RegraTitulo, Titulo
from pagar.providers.blocos import Imposto
from pagar.providers.interface import Antecipacao
from pagar.providers.interface import Titulo as Corpo
from pagar.providers.pedidos import guardar, reler
from pagar.services import chaves, registro
from pagar.services.cadastros import Cadastros, Falta, Lugar, rateio_de
from pagar.services.implantacao import problemas_do_corpo
from pagar.services.rascunhos import montar, repetidas
from pagar.services.retencoes_da_nota import Retido, retencoes_de

_CENTAVO = Decimal("0.01")
# How each kind of guia is written, and the letters of its number; the DAS of a month has a number without them.
_ORIGENS: dict[str, tuple[Origem, str]] = {
    Guia.Tipo.DAS.value: (Origem.DAS, ""),
    Guia.Tipo.DAS_COBRANCA.value: (Origem.DAS, "CB"),
    Guia.Tipo.DAS_PROCESSO.value: (Origem.DAS, "PR"),
    Guia.Tipo.DAS_AVULSO.value: (Origem.DAS, "AV"),
    Guia.Tipo.DAS_MEI.value: (Origem.DAS_MEI, "ME"),
    Guia.Tipo.DAS_PARCELA.value: (Origem.DAS_PARCELA, "PC"),
    Guia.Tipo.DARF.value: (Origem.DARF, "DF"),
    Guia.Tipo.DARF_DCTFWEB.value: (Origem.DARF_DCTFWEB, "DW"),
}
_JA_DESFEITO = "O título anterior foi cancelado ou estornado: este é outro, na parcela seguinte."
_SUBSTITUIDA = Falta("Esta guia foi substituída por outra via. Use a mais nova.")
_PAGA_POR_OUTRA = Falta("Outra via desta guia já foi paga: não há o que pagar.")


@dataclass
class Proposta:
    """One document and the titles it would be, or has (`feitos`). `faltas` keep it from being any; `avisos` should be
    known before."""

    origem: Guia | NotaRecebida
    empresa: Empresa
    feitos: list[Titulo] = field(default_factory=list)
    titulos: list[Titulo] = field(default_factory=list)
    faltas: list[Falta] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)

    @property
    def pronta(self) -> bool:
        return bool(self.titulos) and not self.faltas and not self.feitos

    @property
    def valor(self) -> Decimal:
        return sum((titulo.valor for titulo in self.titulos), Decimal(0))


# -- guias -------------------------------------------------------------------------------------------------------------


def de_guias(guias: Sequence[Guia]) -> list[Proposta]:
    """`guias` with their empresa and município. In a constant number of queries."""
    cadastros = Cadastros(guia.empresa for guia in guias)
    pks = [guia.pk for guia in guias]
    contam = set(Guia.objects.filter(pk__in=pks).que_contam().values_list("pk", flat=True))
    de_fora = set(pks) - contam
    pagas_por_outra = (
        set(Guia.objects.filter(pk__in=de_fora).de_divida_paga().values_list("pk", flat=True)) if de_fora else set()
    )
    propostas = [
        _da_guia(guia, cadastros)
        if guia.pk in contam
        else Proposta(guia, guia.empresa, faltas=[_PAGA_POR_OUTRA if guia.pk in pagas_por_outra else _SUBSTITUIDA])
        for guia in guias
    ]
    _numerar_parcelas(propostas)
    desfeitas = _parcelas_desfeitas("guia", pks)
    pagas: dict[str, list[Titulo]] = defaultdict(list)
    for titulo in Titulo.objects.vivos().filter(guia__divida__in={g.divida for g in guias}).select_related("guia"):
        assert titulo.guia is not None  # noqa: S101 - they were looked for by it
        pagas[titulo.guia.divida].append(titulo)
    for guia, proposta in zip(guias, propostas, strict=True):
        proposta.feitos += pagas[guia.divida]
        if any((titulo.guia_id or 0) < guia.pk for titulo in proposta.feitos):
            proposta.avisos.append("O título é de uma via anterior desta guia. Atualize-o, ou cancele-o e gere outro.")
        if not proposta.feitos and guia.pk in desfeitas:
            proposta.avisos.append(_JA_DESFEITO)
    _conferir(proposta for proposta in propostas if not proposta.feitos)
    return propostas


def _da_guia(guia: Guia, cadastros: Cadastros) -> Proposta:
    proposta = Proposta(guia, guia.empresa)
    origem, sigla = _ORIGENS[guia.tipo]
    lugar = _lugar(proposta, cadastros)
    if lugar is None:
        return proposta
    regra = cadastros.regra(lugar.conta, origem, *_codigos(guia))
    if isinstance(regra, Falta):
        proposta.faltas.append(regra)
        return proposta
    fornecedor = regra.fornecedor or cadastros.receita(lugar.conta)
    if isinstance(fornecedor, Falta):
        proposta.faltas.append(fornecedor)
        return proposta
    try:
        numero = _numero(guia, sigla, lugar)
    except chaves.ChaveInvalida as erro:
        proposta.faltas.append(Falta(str(erro)))
        return proposta
    emissao = timezone.localtime(guia.emitida_em).date()
    if guia.paga_em is not None:
        proposta.avisos.append(f"A Receita informa que esta guia já foi paga, em {guia.paga_em:%d/%m/%Y}.")
    elif guia.limite < timezone.localdate():
        proposta.avisos.append("A guia já passou do último dia para pagar. Emita-a de novo antes de pagar.")
    corpo = Corpo(
        fornecedor=fornecedor.codigo,
        especie=regra.especie,
        serie=regra.serie,
        numero=numero,
        parcela=chaves.parcela(1),
        emissao=emissao,
        # The last day to pay that is on the slip: of one drawn after its due date, the day its fine was counted to.
        vencimento=guia.limite,
        previsao=guia.limite,
        moeda=lugar.conta.moeda,
        valor=guia.total,
        portador=regra.portador or lugar.conta.portador,
        historico=(f"{_nome(guia)} {mascarar(guia.empresa.documento)} documento {guia.numero}"),
        forma_pagamento=regra.forma_pagamento or lugar.conta.formas.get("tributo", ""),
        rateio=(rateio_de(regra, guia.total),),
    )
    proposta.titulos.append(
        montar(
            lugar.destino,
            guia.empresa,
            fornecedor,
            corpo,
            competencia=guia.competencia,
            guia=guia,
            titulo_no_banco=guia.numero,
            codigo_barras=guia.codigo_barras,
            barras=Titulo.Barras.PENDENTE if guia.codigo_barras else Titulo.Barras.SEM,
        )
    )
    return proposta


def _codigos(guia: Guia) -> tuple[str, ...]:
    """The código de receita with its variation, then without it; none of a guia that has no receita."""
    numeros = guia.receita.replace("-", "")
    return (numeros, numeros[:4]) if numeros else ()


def _numero(guia: Guia, sigla: str, lugar: Lugar) -> str:
    if sigla:
        return chaves.numero_da_guia(sigla, guia.competencia, guia.divida, maximo=lugar.maximo)
    return chaves.numero_do_das(guia.competencia, "" if lugar.exclusivo else guia.empresa.codigo, maximo=lugar.maximo)


def _nome(guia: Guia) -> str:
    """What it is, in the history of the title: "DARF 8109-02 10/2026"."""
    quando = guia.periodo or format_competencia(guia.competencia)
    return " ".join(parte for parte in (guia.nome, guia.receita, quando, guia.referencia) if parte)


def _lugar(proposta: Proposta, cadastros: Cadastros) -> Lugar | None:
    achado = cadastros.lugar(proposta.empresa)
    if isinstance(achado, Falta):
        proposta.faltas.append(achado)
        return None
    return achado


def _numerar_parcelas(propostas: Sequence[Proposta]) -> None:
    """A number that the ERP has already (a title cancelled, or another guia of the month) goes on with the next
    parcela."""
    titulos = [titulo for proposta in propostas for titulo in proposta.titulos]
    usadas: dict[str, int] = defaultdict(int)
    donos = Titulo.objects.exclude(situacao=Titulo.Situacao.ABANDONADO).filter(
        numero__in={titulo.numero for titulo in titulos}, conta__in={titulo.conta_id for titulo in titulos}
    )
    for conta, chave, parcela in donos.values_list("conta", "chave", "parcela"):
        base = f"{conta} {chave.rpartition('/')[0]}"
        usadas[base] = max(usadas[base], int(parcela) if parcela.isdecimal() else 1)
    for proposta in propostas:
        for titulo in proposta.titulos:
            base = f"{titulo.conta_id} {titulo.chave.rpartition('/')[0]}"
            usadas[base] += 1
            if titulo.parcela == str(usadas[base]):
                continue
            try:
                titulo.parcela = chaves.parcela(usadas[base])
            except chaves.ChaveInvalida as erro:
                proposta.faltas.append(Falta(str(erro)))
            titulo.corpo["parcela"] = titulo.parcela
            titulo.preparar()


def _conferir(propostas: Iterable[Proposta]) -> None:
    """What the pré-voo would say of the titles is told before they are made. Of many parcelas, those in the middle
    are as the last one."""
    for proposta in propostas:
        ditos = (
            problema.mensagem
            for titulo in (*proposta.titulos[:1], *proposta.titulos[1:][-1:])
            for problema in problemas_do_corpo(titulo, _com_impostos(titulo))
        )
        proposta.faltas += [Falta(texto) for texto in dict.fromkeys(ditos)]


def _com_impostos(titulo: Titulo) -> Corpo | Antecipacao:
    """Its body, with the taxes that wait for the payment too: they must fit in it then."""
    corpo = registro.corpo_de(titulo)
    no_pagamento = (reler(Imposto, imposto) for imposto in titulo.impostos_no_pagamento)
    return replace(corpo, impostos=(*corpo.impostos, *(replace(imposto, aliquota=None) for imposto in no_pagamento)))


# -- notes -------------------------------------------------------------------------------------------------------------


def de_notas(notas: Sequence[NotaRecebida]) -> list[Proposta]:
    """`notas` with their empresa and município. In a constant number of queries."""
    cadastros = Cadastros(nota.empresa for nota in notas)
    cadastros.conhecer(nota.prestador for nota in notas)
    feriados = set(Feriado.objects.values_list("data", flat=True))
    desfeitas = _parcelas_desfeitas("nota", [nota.pk for nota in notas])
    propostas = [_da_nota(nota, cadastros, feriados, desfeitas.get(nota.pk, 0)) for nota in notas]
    por_nota = {nota.pk: proposta for nota, proposta in zip(notas, propostas, strict=True)}
    for titulo in Titulo.objects.vivos().filter(nota__in=por_nota).order_by("pk"):
        por_nota[titulo.nota_id or 0].feitos.append(titulo)
    novas = [proposta for proposta in propostas if not proposta.feitos]
    _repetidas(novas)
    _conferir(novas)
    return propostas


def _parcelas_desfeitas(origem: Literal["guia", "nota"], pks: Sequence[int]) -> dict[int, int]:
    """Of what had its titles cancelled or reversed: the last parcela that the ERP keeps under their key."""
    maiores: dict[int, int] = defaultdict(int)
    desfeitos = Titulo.objects.filter(situacao__in=(Titulo.Situacao.CANCELADO, Titulo.Situacao.ESTORNADO))
    for pk, parcela in desfeitos.filter(**{f"{origem}__in": pks}).values_list(origem, "parcela"):
        maiores[pk] = max(maiores[pk], int(parcela) if parcela.isdecimal() else 1)
    return maiores


def _da_nota(nota: NotaRecebida, cadastros: Cadastros, feriados: set[date], desfeitas: int) -> Proposta:
    proposta = Proposta(nota, nota.empresa)
    if texto := _ilegivel(nota):
        proposta.faltas.append(Falta(texto, nota.get_absolute_url()))
        return proposta
    lugar = _lugar(proposta, cadastros)
    if lugar is None:
        return proposta
    regra = cadastros.regra(lugar.conta, Origem.NOTA, nota.prestador)
    if isinstance(regra, Falta):
        proposta.faltas.append(regra)
        return proposta
    fornecedor = regra.fornecedor or cadastros.prestador(lugar.conta, nota.prestador, nota.prestador_nome)
    if isinstance(fornecedor, Falta):
        proposta.faltas.append(fornecedor)
        return proposta
    try:
        numero = chaves.numero_da_nota(nota.numero, maximo=lugar.maximo)
    except chaves.ChaveInvalida as erro:
        proposta.faltas.append(Falta(str(erro), nota.get_absolute_url()))
        return proposta
    do_imposto = chaves.numero_do_imposto(fornecedor.codigo, numero.numero, desfeitas + 1, maximo=lugar.maximo)
    retencoes = retencoes_de(nota, lugar.conta, do_imposto, cadastros, feriados)
    proposta.faltas += retencoes.faltas
    proposta.avisos += retencoes.avisos
    if proposta.faltas:
        return proposta
    if desfeitas:
        proposta.avisos.append(_JA_DESFEITO)
    quantas = min(regra.parcelas, int(nota.valor_servicos / _CENTAVO))
    if quantas < regra.parcelas:
        proposta.avisos.append(f"O valor da nota não dá para {regra.parcelas} parcelas: são {quantas}.")
    try:
        ordens = [chaves.parcela(desfeitas + ordem) for ordem in range(1, quantas + 1)]
    except chaves.ChaveInvalida as erro:
        proposta.faltas.append(Falta(str(erro), nota.get_absolute_url()))
        return proposta
    proposta.titulos = _parcelas(nota, lugar, regra, fornecedor, numero, retencoes.retidos, ordens)
    return proposta


def _ilegivel(nota: NotaRecebida) -> str:
    if nota.ilegivel:
        return "O XML da nota não pôde ser lido: faça o título em Novo título, com a nota à vista."
    if nota.situacao == NotaRecebida.Situacao.CANCELADA:
        return "A nota foi cancelada: não há o que pagar."
    if nota.valor_servicos <= 0:
        return "A nota não diz o valor dos serviços: confira-a e faça o título em Novo título."
    return ""


def _parcelas(
    nota: NotaRecebida,
    lugar: Lugar,
    regra: RegraTitulo,
    fornecedor: Fornecedor,
    numero: chaves.NumeroDaNota,
    impostos: list[Retido],
    ordens: Sequence[str],
) -> list[Titulo]:
    """A title of each of `ordens`: the value in equal parts, the cents that are left on the last; the taxes on the
    first."""
    emissao = nota.emissao or nota.competencia
    parte = (nota.valor_servicos / len(ordens)).quantize(_CENTAVO, ROUND_DOWN)
    titulos = []
    for posicao, parcela in enumerate(ordens):
        ultima, primeira = posicao == len(ordens) - 1, posicao == 0
        valor = nota.valor_servicos - parte * posicao if ultima else parte
        vence = date.fromordinal(emissao.toordinal() + regra.prazo_dias + posicao * regra.intervalo_dias)
        completo = f", nota {numero.completo}" if numero.completo else ""
        corpo = Corpo(
            fornecedor=fornecedor.codigo,
            especie=regra.especie,
            serie=regra.serie,
            numero=numero.numero,
            parcela=parcela,
            emissao=emissao,
            vencimento=vence,
            previsao=vence,
            moeda=lugar.conta.moeda,
            valor=valor,
            portador=regra.portador or lugar.conta.portador,
            historico=f"NFS-e {nota.numero} de {nota.prestador_nome}{completo}"[:2000],
            forma_pagamento=regra.forma_pagamento or lugar.conta.formas.get("boleto", ""),
            rateio=(rateio_de(regra, valor),),
            impostos=tuple(r.imposto for r in impostos if r.momento is Momento.IMPLANTACAO) if primeira else (),
        )
        no_pagamento = [guardar(r.imposto) for r in impostos if r.momento is Momento.PAGAMENTO] if primeira else []
        titulos.append(
            montar(
                lugar.destino,
                nota.empresa,
                fornecedor,
                corpo,
                competencia=nota.competencia,
                nota=nota,
                impostos_no_pagamento=no_pagamento,
            )
        )
    return titulos


def _repetidas(aqui: Iterable[Proposta]) -> None:
    """A key that another title has already: of the same note it was told before, so it is another's."""
    propostas = list(aqui)
    usadas = repetidas(titulo for proposta in propostas for titulo in proposta.titulos)
    vistas: set[tuple[object, str]] = set()
    for proposta in propostas:
        for titulo in proposta.titulos:
            chave = (titulo.conta_id, titulo.chave)
            if (dono := usadas.get(chave)) is not None:
                texto = f"O ERP já tem, ou terá, um título com esta chave ({titulo.nome}). Confira se é o desta nota."
                proposta.faltas.append(Falta(texto, dono.get_absolute_url()))
            elif chave in vistas:
                proposta.faltas.append(Falta(f"Outra nota desta lista daria o mesmo título ({titulo.nome})."))
            vistas.add(chave)
