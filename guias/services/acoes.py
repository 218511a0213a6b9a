"""The bulk actions over Integra Contador: one Definicao each, made into Operacoes by guias.services.prevoo."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from comum.formatos import contar, format_competencia, format_data
from credentials.models import Servico
from empresas.models import Empresa
from guias.providers import caixapostal, defis, dte, eprocesso, pgdasd, pnr, regime, sitfis
from guias.services import avisos, intencoes
from guias.services import intencoes_receita as da_receita
from guias.services.acesso import Acessos, Contexto, ContextoDeMeses, Fora
from guias.services.avisos import Aviso
from guias.services.contextos import ContextoAnual, ContextoDaCaixa
from guias.services.das import divida_do_das
from guias.services.intencoes import Item
from operacoes.models import Classe
from operacoes.motor import NovaOperacao


class Acao(StrEnum):
    SIMULAR = "simular"
    TRANSMITIR = "transmitir"
    EMITIR_DAS = "das"
    EMITIR_VARIOS_DAS = "varios-das"
    PROCURACOES = "procuracoes"
    ANO = "ano"
    SITUACAO_FISCAL = "situacao-fiscal"
    MENSAGENS_NOVAS = "mensagens-novas"
    MENSAGENS = "mensagens"
    DTE = "dte"
    PROCESSOS = "processos"
    REGIMES = "regimes"
    OPTAR_REGIME = "optar-regime"
    DEFIS = "defis"
    ULTIMA_DEFIS = "ultima-defis"
    TRANSMITIR_DEFIS = "transmitir-defis"
    RENUNCIAR = "renunciar"


DO_MES = (Acao.SIMULAR, Acao.TRANSMITIR, Acao.EMITIR_DAS, Acao.PROCURACOES, Acao.ANO)  # asked from the month's list


@dataclass(frozen=True)
class Definicao:
    """How an action is told on screen, what it needs, and how the Operacao of one empresa is made.

    `verbo` and `plural` make "Transmitir 171 declarações". `servico` is the group of the Vinculo, `poderes` the powers
    that open it where they are not those of the whole group. `contexto` is what `montar` looks at, read once for all
    the empresas, with the Operacoes of `tipos`. `montar` gives the Operacao of one empresa, or why it stays out; a list
    where one empresa may have several (months, instalments). `mensal`: what is done is of the competência, which the
    screens then name. `dizer`: what is asked for one Operacao, in short, where the name of the empresa is not enough.
    `valor`: R$ that one Operacao declares or asks to be paid, where the action has amounts; `valor_dito`: what their
    sum is called, and what it is of. `avisar`: what should be looked at before, of the empresas that go, by what the
    screen told. `divida`: what the guia of one Operacao pays, where the action draws guias.
    `meses`: whose apurações are read, by what the screen told, where that is not the competência alone.
    """

    verbo: str
    singular: str
    plural: str
    tipo: str
    servico: Servico
    classe: Classe
    aviso: str
    montar: Callable[[Item], NovaOperacao | Fora | Sequence[NovaOperacao | Fora]]
    poderes: frozenset[str] | None = None
    contexto: Callable[[Sequence[Empresa], date, Iterable[str]], Acessos] = Contexto
    tipos: tuple[str, ...] = ()
    mensal: bool = True
    dizer: Callable[[NovaOperacao], str] | None = None
    valor: Callable[[NovaOperacao], Decimal] | None = None
    valor_dito: tuple[str, str] = ("", "")
    avisar: Callable[[Sequence[Empresa], Acessos, Mapping[str, str]], list[Aviso]] | None = None
    divida: Callable[[NovaOperacao], str] | None = None
    meses: Callable[[Mapping[str, str]], Iterable[date]] | None = None

    def titulo(self, quantas: int, de_novo: int = 0) -> str:
        """`de_novo`: how many of them take the place of a guia that is still to be paid."""
        quais = contar(quantas, self.singular, self.plural)
        if de_novo < quantas or not de_novo:
            return f"{self.verbo} {quais}" + (f", {de_novo} de novo" if de_novo else "")
        verbo, _, resto = self.verbo.partition(" ")
        return " ".join(filter(None, (verbo, "de novo", resto, quais)))

    @property
    def palavras(self) -> str:
        """For the filter `contar`."""
        return f"{self.singular},{self.plural}"


def _declarado(nova: NovaOperacao) -> Decimal:
    return sum((Decimal(valor) for valor in nova.pedido["comparar"].values()), Decimal(0))


def _mes_do_das(nova: NovaOperacao) -> str:
    dia = nova.pedido["consolidacao"]
    mes = format_competencia(date.fromisoformat(nova.pedido["competencia"]))
    return f"{mes}, para pagar em {format_data(date.fromisoformat(dia))}" if dia else mes


DEFINICOES: dict[str, Definicao] = {
    Acao.SIMULAR: Definicao(
        "Simular",
        "apuração",
        "apurações",
        "guias.pgdasd.simular",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "A Receita calcula e nada é transmitido. Cada simulação é cobrada como uma declaração.",
        intencoes.simulacao,
        avisar=avisos.ja_simuladas,
    ),
    Acao.TRANSMITIR: Definicao(
        "Transmitir",
        "declaração",
        "declarações",
        "guias.pgdasd.transmitir",
        Servico.PGDASD,
        Classe.DECLARACAO,
        "Tem efeito fiscal. Só é aceita se a Receita calcular exatamente os valores aprovados; depois, corrige-se por "
        "declaração retificadora. Se uma resposta se perder, as consultas que conferem a dúvida custam à parte.",
        intencoes.transmissao,
        valor=_declarado,
        valor_dito=("Valor declarado", "o que foi aprovado, a pagar em DAS"),
    ),
    Acao.EMITIR_DAS: Definicao(
        "Emitir",
        "DAS",
        "DAS",
        "guias.das.emitir",
        Servico.DAS,
        Classe.EMISSAO,
        "Cada DAS emitido é cobrado, também quando é emitido de novo.",
        intencoes.emissao,
        divida=lambda nova: divida_do_das(nova.pedido["apuracao"]),
    ),
    Acao.EMITIR_VARIOS_DAS: Definicao(
        "Emitir",
        "DAS",
        "DAS",
        "guias.das.emitir",
        Servico.DAS,
        Classe.EMISSAO,
        "Cada DAS emitido é cobrado, também quando é emitido de novo.",
        intencoes.emissao_de_varios_meses,
        contexto=ContextoDeMeses,
        mensal=False,
        dizer=_mes_do_das,
        divida=lambda nova: divida_do_das(nova.pedido["apuracao"]),
        meses=lambda parametros: {m for meses in intencoes.meses_de_cada(parametros["quais"]).values() for m in meses},
    ),
    Acao.PROCURACOES: Definicao(
        "Consultar procurações de",
        "empresa",
        "empresas",
        "guias.procuracoes.consultar",
        Servico.PROCURACOES,
        Classe.CONSULTA,
        "Cada consulta é cobrada; a resposta fica guardada na empresa.",
        intencoes.consulta_de_procuracoes,
        tipos=("guias.procuracoes.consultar",),
    ),
    Acao.ANO: Definicao(
        "Consultar o ano de",
        "empresa",
        "empresas",
        "guias.pgdasd.ano",
        Servico.PGDASD,
        Classe.CONSULTA,
        "Traz, numa consulta por empresa, as declarações e os DAS de todos os meses do ano, também os feitos fora do "
        "Guichê, e quais declarações estão em malha. Nenhuma receita é lida.",
        da_receita.ano_do_pgdasd,
        poderes=pgdasd.CONSDECLARACAO13.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.pgdasd.ano",),
        dizer=lambda nova: str(nova.pedido["chave"]),
    ),
    Acao.SITUACAO_FISCAL: Definicao(
        "Pedir a situação fiscal de",
        "empresa",
        "empresas",
        "guias.sitfis.relatorio",
        Servico.SITUACAO_FISCAL,
        Classe.EMISSAO,
        "O protocolo é gratuito; o relatório é cobrado quando chega, depois da espera que a Receita manda. O PDF fica "
        "guardado.",
        da_receita.relatorio_sitfis,
        poderes=sitfis.RELATORIOSITFIS92.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.sitfis.relatorio",),
    ),
    Acao.MENSAGENS_NOVAS: Definicao(
        "Verificar a caixa postal de",
        "empresa",
        "empresas",
        "guias.caixapostal.novas",
        Servico.CAIXA_POSTAL,
        Classe.GRATIS,
        "Pergunta só se há mensagens novas. Não custa nada e não abre mensagem nenhuma.",
        da_receita.mensagens_novas,
        poderes=caixapostal.INNOVAMSG63.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.caixapostal.novas",),
    ),
    Acao.MENSAGENS: Definicao(
        "Listar as mensagens de",
        "empresa",
        "empresas",
        "guias.caixapostal.listar",
        Servico.CAIXA_POSTAL,
        Classe.CONSULTA,
        "Traz assunto, data e relevância; não abre mensagem nenhuma. Cada 50 mensagens de uma empresa custam uma "
        "consulta.",
        da_receita.mensagens_listadas,
        poderes=caixapostal.MSGCONTRIBUINTE61.poderes,
        contexto=ContextoDaCaixa,
        mensal=False,
        tipos=("guias.caixapostal.listar",),
    ),
    Acao.DTE: Definicao(
        "Consultar o DTE de",
        "empresa",
        "empresas",
        "guias.dte.consultar",
        Servico.CAIXA_POSTAL,
        Classe.CONSULTA,
        "Cada consulta é cobrada; a resposta fica guardada na empresa.",
        da_receita.dte,
        poderes=dte.CONSULTASITUACAODTE111.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.dte.consultar",),
    ),
    Acao.PROCESSOS: Definicao(
        "Consultar os processos de",
        "empresa",
        "empresas",
        "guias.eprocesso.consultar",
        Servico.PROCESSOS,
        Classe.CONSULTA,
        "Cada consulta ao e-Processo é cobrada; a resposta fica guardada na empresa.",
        da_receita.processos,
        poderes=eprocesso.CONSPROCPORINTER271.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.eprocesso.consultar",),
    ),
    Acao.REGIMES: Definicao(
        "Consultar o regime de",
        "empresa",
        "empresas",
        "guias.regime.consultar",
        Servico.ANUAIS,
        Classe.CONSULTA,
        "Traz a opção de todos os anos, caixa ou competência, numa consulta por empresa.",
        da_receita.regimes,
        poderes=regime.CONSULTARANOSCALENDARIOS102.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.regime.consultar",),
    ),
    Acao.OPTAR_REGIME: Definicao(
        "Optar pelo regime de",
        "empresa",
        "empresas",
        "guias.regime.optar",
        Servico.ANUAIS,
        Classe.DECLARACAO,
        "A opção vale para o ano inteiro e não pode ser desfeita nem mudada depois: não há retificação. Se uma "
        "resposta se perder, a consulta que confere a dúvida custa à parte.",
        da_receita.opcao_de_regime,
        poderes=regime.EFETUAROPCAOREGIME101.poderes,
        contexto=ContextoAnual,
        mensal=False,
        tipos=("guias.regime.optar",),
    ),
    Acao.DEFIS: Definicao(
        "Consultar as DEFIS de",
        "empresa",
        "empresas",
        "guias.defis.consultar",
        Servico.ANUAIS,
        Classe.CONSULTA,
        "Traz as DEFIS transmitidas de todos os anos que a Receita guarda, numa consulta por empresa.",
        da_receita.defis_transmitidas,
        poderes=defis.CONSDECLARACAO142.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.defis.consultar",),
    ),
    Acao.ULTIMA_DEFIS: Definicao(
        "Consultar a última DEFIS de",
        "empresa",
        "empresas",
        "guias.defis.ultima",
        Servico.ANUAIS,
        Classe.CONSULTA,
        "Traz a última DEFIS do ano-calendário com a declaração e o recibo, que ficam guardados.",
        da_receita.ultima_defis,
        poderes=defis.CONSULTIMADECREC143.poderes,
        contexto=Acessos,
        mensal=False,
        tipos=("guias.defis.ultima",),
        dizer=lambda nova: f"ano-calendário {nova.pedido['chave']}",
    ),
    Acao.TRANSMITIR_DEFIS: Definicao(
        "Transmitir",
        "DEFIS",
        "DEFIS",
        "guias.defis.transmitir",
        Servico.ANUAIS,
        Classe.DECLARACAO,
        "Tem efeito fiscal e não se desfaz: depois, corrige-se por DEFIS retificadora. A Receita só a aceita com o "
        "PGDAS-D de todos os meses do ano transmitido. Se uma resposta se perder, as consultas que conferem a dúvida "
        "custam à parte.",
        da_receita.transmissao_da_defis,
        poderes=defis.TRANSDECLARACAO141.poderes,
        contexto=ContextoAnual,
        mensal=False,
        tipos=("guias.defis.transmitir",),
    ),
    Acao.RENUNCIAR: Definicao(
        "Renunciar ao vínculo com",
        "empresa",
        "empresas",
        "guias.redesim.renunciar",
        Servico.PROCESSOS,
        Classe.DECLARACAO,
        "A renúncia é irretratável: só a própria empresa pode indicar o escritório de novo, pela Redesim. Ela é "
        "comunicada ao Estado e ao Município, e o escritório deve avisar a empresa. O acompanhamento custa uma "
        "consulta a cada vez.",
        da_receita.renuncia_na_redesim,
        poderes=pnr.SOLICRENUNCIA262.poderes,
        contexto=ContextoAnual,
        mensal=False,
        tipos=("guias.redesim.renunciar",),
    ),
}
