"""Where the refusals of Integra Contador are mended, and which of them would come again."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from credentials.models import Servico
from guias.providers import mensagens
from guias.providers.mensagens.parcelamentos import FAMILIAS as FAMILIAS_DE_PARCELAS
from operacoes.handlers import ProximaAcao


@dataclass(frozen=True)
class Tela:
    """A page where refusals are mended: the button's words, the URL's name and what follows it. `filtra`: it is a list
    that opens on the affected. `do_mes`: it shows the competência of the top bar."""

    rotulo: str
    nome: str
    sufixo: str = ""
    filtra: bool = True
    do_mes: bool = False

    def acao(self, texto: str) -> ProximaAcao:
        url = reverse(self.nome) + self.sufixo
        return ProximaAcao(texto, self.rotulo, url, em_qualquer_mes=not self.do_mes, filtra=self.filtra)


APURACOES = Tela("Abrir apurações", "guias:apuracao", do_mes=True)
RECEITAS = Tela("Abrir receitas", "guias:receitas", do_mes=True)
EMPRESAS = Tela("Abrir empresas", "empresas:lista")
MEI = Tela("Abrir MEI", "guias:mei", do_mes=True)
DARFS = Tela("Abrir os DARF", "guias:darfs", "?periodo=todos")
DCTFWEB = Tela("Abrir a DCTFWeb", "guias:dctfweb", "?quem=todas", do_mes=True)
MIT = Tela("Abrir o MIT", "guias:mit", "?quem=todas", do_mes=True)
GUIAS = Tela("Abrir as guias", "guias:lista", "?periodo=todos")
PARCELAMENTOS = Tela("Abrir parcelamentos", "guias:parcelamentos", do_mes=True)
SITUACAO = Tela("Abrir situação fiscal", "guias:situacao_fiscal")
CAIXAS = Tela("Abrir caixas postais", "guias:caixas")
ANUAIS = Tela("Abrir obrigações anuais", "guias:anuais")
PROCESSOS = Tela("Abrir Redesim e processos", "guias:processos")
RENUNCIAS = Tela("Abrir renúncias", "guias:renuncias", filtra=False)
PROCURACOES = Tela("Abrir procurações", "guias:procuracoes")
JANELA = Tela("Abrir a janela", "janela:abrir", filtra=False)

# Where a refusal of each group of services is looked at when its code names no other place.
TELAS: Mapping[Servico, Tela] = {
    Servico.PGDASD: APURACOES,
    Servico.DAS: APURACOES,
    Servico.DARF: DARFS,
    Servico.DCTFWEB: DCTFWEB,
    Servico.MEI: MEI,
    Servico.PROCURACOES: PROCURACOES,
    Servico.PAGAMENTOS: GUIAS,
    Servico.SITUACAO_FISCAL: SITUACAO,
    Servico.CAIXA_POSTAL: CAIXAS,
    Servico.PARCELAMENTOS: PARCELAMENTOS,
    Servico.ANUAIS: ANUAIS,
    Servico.PROCESSOS: PROCESSOS,
}

_DASN = "Entregue a DASN-SIMEI no portal e emita de novo."
# Group of refusals (the service's code) to where it is mended.
_ONDE_RESOLVER: tuple[tuple[str, str, Tela], ...] = (
    (
        "PGDASD-MSG_ISN_035",
        "A apuração mostra a diferença por tributo. Simule as que ainda não foram simuladas, confira e aprove de novo.",
        APURACOES,
    ),
    (
        "PGDASD-MSG_ISN_048",
        "Abra a apuração de cada empresa e, em Histórico, marque os meses como já declarados. Depois, em Apuração, "
        "confira e aprove de novo, e transmita.",
        APURACOES,
    ),
    *(
        (
            codigo,
            "Corrija as receitas. Depois, em Apuração, simule, ou confira, aprove e transmita.",
            RECEITAS,
        )
        for codigo in (*(f"PGDASD-MSG_ISN_{numero}" for numero in ("009", "010", "023", "045")), "E0044")
    ),
    (
        "PGDASD-MSG_ISN_002",
        "Veja as palavras do serviço. Se a Receita já tem a declaração do período, abra a apuração e consulte-a lá.",
        APURACOES,
    ),
    ("PGDASD-MSG_ISN_018", "Cadastre as filiais indicadas.", EMPRESAS),
    ("PGDASD-MSG_ISN_005", "Transmita a declaração antes.", APURACOES),
    ("PGMEI-MSG_23015", _DASN, MEI),
    ("PGMEI-23015", _DASN, MEI),
    ("DEFIS-MSG_0021", "Transmita os PGDAS-D do ano e depois a DEFIS.", APURACOES),
    ("DEFIS-MSG_0022", "Transmita os PGDAS-D que faltam e depois a DEFIS.", APURACOES),
    ("DEFIS-MSG_0023", "Cadastre as filiais indicadas.", EMPRESAS),
    ("CAIXAPOSTAL", "Verifique a caixa postal e liste de novo as mensagens.", CAIXAS),
    *((f"PNRCONTADOR-{n}", "Consulte as renúncias de novo.", RENUNCIAS) for n in ("005", "008")),
    ("PNRCONTADOR", "Confira os vínculos na Redesim.", PROCESSOS),
    ("ICGERENCIADOR-022", "Veja que poder falta, peça-o ao cliente e consulte a procuração de novo.", PROCURACOES),
    ("ICGERENCIADOR-019", "Troque o autor do pedido para Contratante.", JANELA),
)


@dataclass(frozen=True)
class Definitiva:
    """Refusals that the same request would meet again, and what is useful instead: `texto` empty where the table above
    says it already, or the handler does."""

    sistema: str
    numeros: frozenset[str]
    texto: str = ""
    tela: Tela | None = None


_DE_PARCELAS = frozenset(f"{er}{numero}" for er in ("", "ER_") for numero in ("N004", "N006", "N009", "N011"))
_PAGAMENTOS = Tela("Buscar pagamentos", "guias:pagamentos", filtra=False)
_DEFINITIVAS: tuple[Definitiva, ...] = (
    Definitiva("PGDASD", frozenset({"048"})),
    Definitiva(
        "PGMEI",
        frozenset({"23018"}),
        "Já está pago: busque o pagamento na Receita, que dá baixa na guia e traz o comprovante.",
        _PAGAMENTOS,
    ),
    Definitiva("PGMEI", frozenset({"23017", "23019"}), "Não há o que emitir: veja os meses da empresa.", MEI),
    Definitiva(
        "PGMEI", frozenset({"23008", "23013"}), "Corrija o regime ou a situação no cadastro da empresa.", EMPRESAS
    ),
    Definitiva("PGMEI", frozenset({"13011"}), "Consulte a dívida ativa das empresas.", MEI),
    Definitiva(
        "PGMEI", frozenset({"23028", "23999"}), "Emita pelo portal do Simples Nacional, ou procure a Receita.", MEI
    ),
    Definitiva(
        "CCMEI-BSN", frozenset({"0010", "0020", "0030"}), "Corrija o regime ou a situação no cadastro.", EMPRESAS
    ),
    Definitiva("DCTFWEB", frozenset({"TRANS11"}), "Busque o recibo da declaração, que já foi transmitida.", DCTFWEB),
    Definitiva("DCTFWEB", frozenset({"MG09"}), "Peça a guia de novo, com o número do recibo certo.", DCTFWEB),
    Definitiva("DCTFWEB", frozenset({"APIGUIA03"}), "Peça a guia de novo, de outra origem ou de todas.", DCTFWEB),
    Definitiva("DCTFWEB", frozenset({"GUIA02"}), "Não há guia a emitir: o valor soma-se ao do mês seguinte.", DCTFWEB),
    # By these only another request goes on: their handler says of which family.
    *(Definitiva(familia, _DE_PARCELAS) for familia in FAMILIAS_DE_PARCELAS),
    Definitiva("REGIME", frozenset({"052"}), "Consulte a opção do ano, que já foi feita.", ANUAIS),
    Definitiva("CAIXAPOSTAL", frozenset({"01", "03"})),
    Definitiva("PNRCONTADOR", frozenset({"101", "102"})),
)


def definitiva(grupo: str) -> Definitiva | None:
    """What a group of refusals is that would surely be refused again; None for all others."""
    lida = mensagens.ler({"codigo": grupo})
    return next((d for d in _DEFINITIVAS if d.sistema == lida.sistema and lida.numero in d.numeros), None)


def proxima_acao(grupo: str) -> ProximaAcao | None:
    if (final := definitiva(grupo)) is not None and final.tela is not None:
        return final.tela.acao(final.texto)
    for codigo, texto, tela in _ONDE_RESOLVER:
        if codigo in grupo.upper():
            return tela.acao(texto)
    return None
