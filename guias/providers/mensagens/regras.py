"""What a code of Integra Contador means for us, and the rules that several systems share."""

from dataclasses import dataclass
from enum import Enum, auto


class Destino(Enum):
    """What a code means for the call that received it."""

    RECUSADA = auto()  # understood and refused; correct and send another
    EMPRESA = auto()  # no mandate for this empresa
    CREDENCIAL = auto()  # the credencial cannot be used
    SERVICO = auto()  # nobody can use the service now
    INDISPONIVEL = auto()  # failed before being carried out: repeat later
    DUVIDA = auto()  # may have been carried out
    REAUTENTICAR = auto()  # tokens refused before execution: once more with new ones
    NADA = auto()  # a query that found nothing
    AVISO = auto()  # said along with what was carried out


@dataclass(frozen=True)
class Regra:
    """`mensagem` says what happened and what to do next, in Portuguese."""

    destino: Destino
    mensagem: str


def empresa(mensagem: str) -> Regra:
    return Regra(Destino.EMPRESA, mensagem)


def credencial(mensagem: str) -> Regra:
    return Regra(Destino.CREDENCIAL, mensagem)


def recusada(mensagem: str) -> Regra:
    return Regra(Destino.RECUSADA, mensagem)


DEMOROU = Regra(
    Destino.DUVIDA,
    "O sistema da Receita não respondeu a tempo e pode ter executado o pedido. O Guichê confere antes de repetir.",
)
INTERNO = Regra(
    Destino.DUVIDA,
    "O SERPRO falhou ao encaminhar o pedido. O Guichê confere antes de repetir.",
)
TOKEN = Regra(
    Destino.REAUTENTICAR,
    "O SERPRO não aceitou a autenticação mesmo depois de renovada. Teste a conexão da credencial na tabela 102.",
)
SEM_PROCURACAO = empresa(
    "Falta procuração eletrônica desta empresa para o autor do pedido. Peça ao cliente que a outorgue no e-CAC "
    "(poder 00146, PGDAS-D) e repita.",
)
PROCURACAO_FORA = Regra(
    Destino.INDISPONIVEL,
    "O sistema de procurações da Receita não respondeu. O Guichê tenta de novo.",
)
TERMO = empresa(
    "O autor do pedido não é o contratante e falta o termo de autorização assinado. Na janela API Integra "
    "Contador, troque o "
    "autor do pedido para Contratante e repita.",
)
NAO_ABERTO = recusada(
    "O SERPRO não oferece este serviço em produção. Faça-o no portal do Simples Nacional.",
)
PROTOCOLO = recusada(
    "O SERPRO recusou a forma do pedido. Não há o que corrigir nos dados: informe a quem mantém o Guichê.",
)
REPETIR = Regra(
    Destino.DUVIDA,
    "A Receita teve um problema no processamento. O Guichê confere o que aconteceu antes de repetir.",
)
NAO_ACHOU = Regra(
    Destino.NADA,
    "Não há declaração transmitida para o período. Transmita a declaração antes.",
)
