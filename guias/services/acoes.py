"""The bulk actions over Integra Contador: one Definicao each, made into Operacoes by guias.services.prevoo."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comum.formatos import contar
from credentials.models import Servico
from empresas.models import Empresa
from guias.services import intencoes
from guias.services.acesso import Acessos, Contexto, Fora
from guias.services.intencoes import Item
from operacoes.models import Classe
from operacoes.motor import NovaOperacao


class Acao(StrEnum):
    SIMULAR = "simular"
    TRANSMITIR = "transmitir"
    EMITIR_DAS = "das"
    PROCURACOES = "procuracoes"


@dataclass(frozen=True)
class Definicao:
    """How an action is told on screen, what it needs, and how the Operacao of one empresa is made.

    `verbo` and `plural` make "Transmitir 171 declarações". `servico` is the group of the Vinculo, `poderes` the powers
    that open it where they are not those of the whole group. `contexto` is what `montar` looks at, read once for all
    the empresas, with the Operacoes of `tipos`. `montar` gives the Operacao of one empresa, or why it stays out; a list
    where one empresa may have several (months, instalments). `mensal`: what is done is of the competência, which the
    screens then name. `dizer`: what is asked for one Operacao, in short, where the name of the empresa is not enough.
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

    def titulo(self, quantas: int) -> str:
        return f"{self.verbo} {contar(quantas, self.singular, self.plural)}"

    @property
    def palavras(self) -> str:
        """For the filter `contar`."""
        return f"{self.singular},{self.plural}"


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
}
