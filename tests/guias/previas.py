"""One company for which each bulk action would go, as far as the product knows: what every pré-voo is tried on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from arquivo.services import guardar
from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Carteira, Empresa, Regime
from guias.ensaio.federais import PIS_CUMULATIVO
from guias.ensaio.receita import rascunho
from guias.models import Apuracao, ApuracaoMit, Consulta, Darf, DeclaracaoDctfweb, RascunhoDefis, ReceitaSicalc
from guias.providers.parcelamentos import FAMILIAS, PARCELAS, PEDIDOS, Familia
from guias.services import aprovacao, buscas, darfs, especiais, intencoes, mei, periodos, prevoo
from guias.services.acoes import DEFINICOES, Acao
from guias.services.dctfweb import ACAO_TRANSMITIR
from guias.services.mit import ACAO_DETALHE, ACAO_ENCERRAR
from operacoes.models import Operacao, Situacao
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, informar, vincular

HOJE = timezone.localdate()
ANO = HOJE.year


def empresa_para(acao: str, credencial: Credencial, usuario: Usuario, carteira: Carteira, numero: int = 1) -> Empresa:
    """A company, linked for every service, of which all is known that the action asks for."""
    familia = FAMILIAS.get(acao.partition(".")[0])
    regime = Regime.MEI if DEFINICOES[acao].servico == Servico.MEI or (familia and familia.mei) else Regime.SIMPLES
    if DEFINICOES[acao].servico in (Servico.DCTFWEB, Servico.DARF):
        regime = Regime.PRESUMIDO
    empresa = criar_empresa(numero, carteira=carteira, regime=regime)
    vincular(empresa, credencial, usuario, *Servico)
    if acao in (Acao.SIMULAR, Acao.TRANSMITIR, Acao.EMITIR_DAS, Acao.EMITIR_VARIOS_DAS):
        informar(empresa, competencia=MES)
    if acao == Acao.TRANSMITIR:
        aprovacao.aprovar([empresa], MES, usuario, diferentes=set())
    if acao in (Acao.EMITIR_DAS, Acao.EMITIR_VARIOS_DAS):
        Apuracao.objects.filter(empresa=empresa).update(
            situacao=Apuracao.Situacao.TRANSMITIDA, total_declarado=Decimal("500.00"), id_declaracao="1"
        )
    if acao == Acao.TRANSMITIR_DEFIS:
        RascunhoDefis.objects.create(empresa=empresa, ano=ANO - 1, dados=rascunho(1), alterado_por=usuario)
    if acao == mei.DO_CPF:
        responder(empresa, "CCMEI/DADOSCCMEI122", mei.DADOS, {"cpf": "52998224725"})
    if acao == darfs.ACAO:
        _preparar_darf(empresa, usuario)
    if acao == ACAO_TRANSMITIR:
        xml = guardar(b"<DCTFWeb/>", empresa=empresa, tipo="dctfweb_xml", nome="DCTFWeb.xml", competencia=MES)
        DeclaracaoDctfweb.objects.create(
            empresa=empresa, competencia=MES, categoria=40, situacao=DeclaracaoDctfweb.Situacao.EM_ANDAMENTO, xml=xml
        )
    if acao in (ACAO_ENCERRAR, ACAO_DETALHE):
        _preparar_mit(empresa, usuario, acao)
    if familia is not None and acao.endswith(".emitir"):
        _parcelar(empresa, familia)
    return empresa


def responder(empresa: Empresa, servico: str, tipo: str, resposta: dict[str, Any], *, chave: str = "") -> None:
    pedido: dict[str, Any] = {"partes": {"contribuinte": empresa.documento}, "competencia": MES.isoformat()}
    nova = NovaOperacao(tipo, f"antes:{servico}:{empresa.pk}", pedido, "credencial:1", empresa.pk, MES)
    (operacao,) = submeter([nova], usuario=None).criadas
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.CONCLUIDA, encerrada_em=timezone.now())
    Consulta.objects.create(
        empresa=empresa,
        servico=servico,
        chave=chave,
        operacao=operacao,
        resposta=resposta,
        consultada_em=timezone.now(),
    )


def _preparar_darf(empresa: Empresa, usuario: Usuario) -> None:
    ReceitaSicalc.objects.get_or_create(
        pk="8109", defaults={"denominacao": "PIS", "extensoes": [PIS_CUMULATIVO], "consultada_em": timezone.now()}
    )
    periodo = periodos.Periodo(Darf.Periodo.MENSAL, f"{MES:%m/%Y}", MES)
    darf = Darf(
        empresa=empresa,
        receita="8109",
        extensao="02",
        tipo_pa=periodo.tipo,
        periodo=periodo.texto,
        competencia=MES,
        vencimento=HOJE,
        consolidacao=HOJE,
        valor=Decimal("100.00"),
        criado_por=usuario,
    )
    darf.nomear()
    darf.save()


def _preparar_mit(empresa: Empresa, usuario: Usuario, acao: str) -> None:
    ApuracaoMit.objects.create(
        empresa=empresa,
        competencia=MES,
        cpf_responsavel="52998224725",
        debitos=[{"tributo": "PisPasep", "codigo": "810902", "valor": "100.00"}],
        total=Decimal("100.00"),
        preparada_por=usuario,
        id_apuracao="7" if acao == ACAO_DETALHE else "",
    )


def _parcelar(empresa: Empresa, familia: Familia) -> None:
    pedido = {"numero": 1, "pedido_em": "2026-01-10", "situacao": "Em parcelamento"}
    responder(empresa, str(familia.servico(PEDIDOS)), "guias.parcelas.pedidos", {"pedidos": [pedido]})
    parcelas = [{"mes": MES.isoformat(), "valor": "100.00"}]
    responder(empresa, str(familia.servico(PARCELAS)), "guias.parcelas.abertas", {"parcelas": parcelas})


def parametros_de(acao: str, empresas: Sequence[Empresa] = ()) -> dict[str, str]:
    """What the screen of the action tells besides the empresas."""
    periodo = {"desde": MES.isoformat(), "ate": HOJE.isoformat(), "quais": buscas.TODAS}
    ditos: dict[str, dict[str, str]] = {
        Acao.MENSAGENS: {"quais": "todas"},
        Acao.OPTAR_REGIME: {"ano": str(ANO + 1), "regime": "CAIXA", "ciente": "1"},
        Acao.EMITIR_VARIOS_DAS: {"quais": intencoes.meses_em_texto((empresa.pk, MES) for empresa in empresas)},
        Acao.ULTIMA_DEFIS: {"ano": str(ANO - 1)},
        Acao.TRANSMITIR_DEFIS: {"ano": str(ANO - 1)},
        Acao.RENUNCIAR: {"responsavel": "111.444.777-35", "ciente": "1"},
        mei.MARCAR: {"meses": f"{MES:%Y%m}", "marcar": "1", "intencao": "0" * 16},
        buscas.BUSCAR: periodo,
        buscas.CONTAR: periodo,
        especiais.PROCESSO: {"processo": "10880123456202611"},
        especiais.AVULSO: {"tributos": "1001=50.00"},
    }
    if acao.endswith((".detalhe", ".pagamento")):
        return {"numero": "1"}
    return ditos.get(acao, {})


def previa_de(acao: str, empresas: list[Empresa]) -> prevoo.Prevoo:
    """The pré-voo as its screen asks for it."""
    if acao == darfs.ACAO:
        return darfs.previa(Darf.objects.filter(empresa__in=empresas), MES)
    return prevoo.prevoo(acao, empresas, MES, parametros=parametros_de(acao, empresas))
