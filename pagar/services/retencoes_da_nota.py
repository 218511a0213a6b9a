"""The taxes that a note of a service taken withholds, as they go to the ERP. Source of each field:
docs/contas-a-pagar.md."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from comum.formatos import format_dinheiro, format_numero
from empresas.calendario import Ajuste, RegraVencimento, vencimento
from nfse.models import NotaRecebida
from pagar.models import ContaErp, Fornecedor, Momento, RegraImposto, Retencao
from pagar.providers.blocos import Imposto
from pagar.services import chaves
from pagar.services.cadastros import Cadastros, Falta

_CENTAVO = Decimal("0.01")
_RETIDO = 1
_BRASIL = "BRA"


@dataclass(frozen=True)
class Retido:
    """A tax, and when it is withheld."""

    imposto: Imposto
    momento: Momento


@dataclass
class Retencoes:
    """Of one note; `faltas` keep it from being a title, `avisos` should be known before."""

    retidos: list[Retido] = field(default_factory=list)
    faltas: list[Falta] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)


def retencoes_de(
    nota: NotaRecebida, conta: ContaErp, numero: str, cadastros: Cadastros, feriados: set[date]
) -> Retencoes:
    """One entry for each tax that the note withholds, as it tells it; what it does not withhold (R$ 10 or less is
    dispensed by law) is not sent. `numero` is that of the titles opened for them, told apart by their parcela."""
    feitas = Retencoes()
    valores = {
        Retencao.IRRF: nota.ir,
        Retencao.CSRF: nota.pis + nota.cofins + nota.csll,
        Retencao.INSS: nota.inss,
        Retencao.ISS: nota.iss,
    }
    for ordem, (retencao, valor) in enumerate(valores.items(), start=1):
        if valor <= 0:
            continue
        regra = cadastros.imposto(conta, retencao, nota.empresa.municipio)
        if isinstance(regra, Falta):
            feitas.faltas.append(regra)
            continue
        de_quem = _favorecido(regra, retencao, nota, conta, cadastros)
        if isinstance(de_quem, Falta):
            feitas.faltas.append(de_quem)
            continue
        if aviso := _outra_aliquota(regra, nota.valor_servicos, valor):
            feitas.avisos.append(aviso)
        momento = Momento(regra.momento or conta.reter_em)
        imposto = _imposto(regra, retencao, nota, valor, de_quem, feriados)
        if regra.especie:
            imposto = replace(
                imposto, especie=regra.especie, serie=regra.serie, numero=numero, parcela=chaves.parcela(ordem)
            )
        if momento is Momento.PAGAMENTO:
            imposto = replace(imposto, aliquota=regra.aliquota or _aliquota(valor, nota.valor_servicos))
        feitas.retidos.append(Retido(imposto, momento))
    if sum((retido.imposto.valor or Decimal(0) for retido in feitas.retidos), Decimal(0)) > nota.valor_servicos:
        feitas.faltas.append(
            Falta("As retenções da nota passam do valor dela. Confira a nota.", nota.get_absolute_url())
        )
    return feitas


def _favorecido(
    regra: RegraImposto, retencao: Retencao, nota: NotaRecebida, conta: ContaErp, cadastros: Cadastros
) -> Fornecedor | Falta:
    if regra.fornecedor is not None:
        return regra.fornecedor
    if retencao is Retencao.ISS:
        return cadastros.prefeitura(conta, nota.empresa.municipio)
    return cadastros.receita(conta)


def _imposto(
    regra: RegraImposto,
    retencao: Retencao,
    nota: NotaRecebida,
    valor: Decimal,
    favorecido: Fornecedor,
    feriados: set[date],
) -> Imposto:
    municipio = nota.empresa.municipio
    return Imposto(
        pais=_BRASIL,
        uf=municipio.uf if retencao is Retencao.ISS and municipio else "",
        imposto=regra.imposto,
        classe=_RETIDO,
        classificacao=regra.classificacao,
        plano_contas=regra.plano_contas,
        conta=regra.conta_contabil,
        rendimento=nota.valor_servicos,
        base=nota.valor_servicos,
        valor=valor,
        vencimento=_vence(regra, nota, feriados),
        moeda=regra.conta.moeda,
        valor_na_finalidade=valor,
        fornecedor=favorecido.codigo,
    )


def _vence(regra: RegraImposto, nota: NotaRecebida, feriados: set[date]) -> date:
    """In the month after the note's issue."""
    ajuste = Ajuste.ANTECIPA if regra.adiantar else Ajuste.POSTERGA
    mes = (nota.emissao or nota.competencia).replace(day=1)
    return vencimento(RegraVencimento(dia=regra.vence_dia, ajuste=ajuste), mes, feriados, {})


def _aliquota(valor: Decimal, base: Decimal) -> Decimal:
    return (valor * 100 / base).quantize(_CENTAVO)


def _outra_aliquota(regra: RegraImposto, base: Decimal, valor: Decimal) -> str:
    """What is said when the rule's rate gives another value, in pt-BR."""
    if regra.aliquota is None:
        return ""
    devido = (base * regra.aliquota / 100).quantize(_CENTAVO)
    if abs(devido - valor) <= _CENTAVO:
        return ""
    return (
        f"A nota retém {format_dinheiro(valor)} de {regra.get_retencao_display()}, e "
        f"{format_numero(regra.aliquota, 2)} % de {format_dinheiro(base)} são {format_dinheiro(devido)}. "
        "Vai o valor da nota."
    )
