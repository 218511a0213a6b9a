"""Documents to be paid, for tests: guias with their line on the PDF, notes of services taken, rules of an account."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from arquivo.services import guardar
from empresas.models import Empresa
from guias.models import Apuracao, Guia
from nfse.models import CanalNfse, NotaRecebida, TipoCanal
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, submeter
from pagar.models import ContaErp, Fornecedor, Origem, RegraImposto, RegraTitulo, Retencao
from sandbox import arrecadacao
from sandbox.pdf import montar, texto
from tests.cast import cnpj_valido

COMPETENCIA = date(2026, 10, 1)
CONTABIL = {"plano_contas": "Geral", "conta_contabil": "21010606", "unidade_negocio": "1", "fluxo": "10.06.01"}


def pdf_do_das(numero: str, total: Decimal, limite: date) -> bytes:
    codigo = arrecadacao.codigo_barras(total, limite, numero, arrecadacao.ORGAO_SIMPLES)
    return montar(texto(46, 530, arrecadacao.linha_digitavel(codigo)), titulo=f"DAS {numero}")


def guia(empresa: Empresa, ordem: int = 1, total: str = "672.80", *, pdf: bytes | None = None, **campos: Any) -> Guia:
    """A DAS of the competência, drawn already. `ordem` makes its number."""
    numero, limite = f"072026325{ordem:08d}", campos.pop("limite", timezone.localdate() + timedelta(days=5))
    apuracao, _ = Apuracao.objects.get_or_create(
        empresa=empresa,
        competencia=COMPETENCIA,
        defaults={"situacao": Apuracao.Situacao.TRANSMITIDA, "id_declaracao": f"{ordem:017d}"},
    )
    (operacao,) = submeter(
        [NovaOperacao("guias.das.emitir", f"teste:{numero}", {}, "credencial:1", empresa.pk, COMPETENCIA)], usuario=None
    ).criadas
    Operacao.objects.filter(pk=operacao.pk).update(situacao="concluida", encerrada_em=timezone.now())
    conteudo = pdf_do_das(numero, Decimal(total), limite) if pdf is None else pdf
    return Guia.objects.create(
        tipo=campos.pop("tipo", Guia.Tipo.DAS),
        empresa=empresa,
        apuracao=apuracao,
        divida=campos.pop("divida", f"pgdasd:{apuracao.pk}"),
        competencia=COMPETENCIA,
        numero=numero,
        vencimento=limite,
        limite=limite,
        principal=Decimal(total),
        multa=0,
        juros=0,
        total=Decimal(total),
        documento=guardar(conteudo, empresa=empresa, tipo="das", nome=f"DAS-{numero}.pdf", competencia=COMPETENCIA),
        operacao=operacao,
        **campos,
    )


def nota(empresa: Empresa, ordem: int = 1, **campos: Any) -> NotaRecebida:
    """A note of R$ 1.000,00 taken from prestador `ordem`, nothing withheld."""
    canal = empresa.canais.first() or CanalNfse.objects.create(
        codigo=empresa.pk % 90_000, empresa=empresa, tipo=TipoCanal.INTEGRANOTAS, token=b"selado"
    )
    padrao: dict[str, Any] = {
        "competencia": COMPETENCIA,
        "prestador": cnpj_valido(80_000 + ordem),
        "prestador_nome": f"Prestador {ordem:03d}",
        "numero": f"{ordem:06d}",
        "emissao": date(2026, 10, 5),
        "valor_servicos": Decimal("1000.00"),
        "valor_liquido": Decimal("1000.00"),
    }
    return NotaRecebida.objects.create(empresa=empresa, canal=canal, chave=f"{ordem:9>50}", **padrao | campos)


def regra(conta: ContaErp, origem: Origem, **campos: Any) -> RegraTitulo:
    padrao = CONTABIL | {"especie": "DP" if origem is Origem.NOTA else "IM"}
    return RegraTitulo.objects.create(conta=conta, origem=origem, **padrao | campos)


def receita_federal(conta: ContaErp) -> Fornecedor:
    return Fornecedor.objects.create(conta=conta, codigo=12704, nome="Receita Federal", papel=Fornecedor.Papel.RECEITA)


def regra_do_imposto(conta: ContaErp, retencao: Retencao, **campos: Any) -> RegraImposto:
    padrao: dict[str, Any] = {"imposto": "10", "classificacao": "1708"}
    return RegraImposto.objects.create(conta=conta, retencao=retencao, **padrao | campos)
