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
    TERMO = auto()  # token of the procurador refused before execution: once more with a new one
    NADA = auto()  # a query that found nothing
    AVISO = auto()  # carried out, and something is told besides


_ECAC = "no e-CAC"
_PORTAL = "no portal do Simples Nacional"
# By the catalogue's name: what people call it, and where a person does the same; where absent, the name and the e-CAC.
_SISTEMAS: dict[str, tuple[str, str]] = {
    "AUTENTICAPROCURADOR": ("termo de autorização", "na janela API Integra Contador"),
    "CAIXAPOSTAL": ("caixa postal", _ECAC),
    "CCMEI": ("CCMEI", "no Portal do Empreendedor"),
    "DASNSIMEI": ("DASN-SIMEI", _PORTAL),
    "DCTFWEB": ("DCTFWeb", _ECAC),
    "DEFIS": ("DEFIS", _PORTAL),
    "DTE": ("domicílio tributário eletrônico", _ECAC),
    "EPROCESSO": ("e-Processo", _ECAC),
    "EVENTOSATUALIZACAO": ("novidades da Receita", _ECAC),
    "MIT": ("MIT", _ECAC),
    "PAGTOWEB": ("pagamentos da Receita", _ECAC),
    "PGDASD": ("PGDAS-D", _PORTAL),
    "PGMEI": ("PGMEI", _PORTAL),
    "PNRCONTADOR": ("Redesim", "no portal da Redesim"),
    "PROCURACOES": ("procurações", _ECAC),
    "REGIMEAPURACAO": ("regime de apuração", _PORTAL),
    "SICALC": ("Sicalc", "no Sicalc Web"),
    "SITFIS": ("situação fiscal", _ECAC),
    **{
        familia: (f"parcelamento {familia}", _PORTAL)
        for familia in (
            *("PARCSN", "PARCSN-ESP", "PERTSN", "RELPSN"),
            *("PARCMEI", "PARCMEI-ESP", "PERTMEI", "RELPMEI"),
        )
    },
}


@dataclass(frozen=True)
class Regra:
    """`mensagem` says what happened and what to do next, in Portuguese; "{sistema}" and "{onde}" in it stand for the
    system asked and for where a person does the same."""

    destino: Destino
    mensagem: str

    def dita(self, sistema: str) -> str:
        """`mensagem` about the system that was asked, where it names it."""
        nome, onde = _SISTEMAS.get(sistema, (sistema, _ECAC))
        return self.mensagem.replace("{sistema}", nome).replace("{onde}", onde)


def empresa(mensagem: str) -> Regra:
    return Regra(Destino.EMPRESA, mensagem)


def credencial(mensagem: str) -> Regra:
    return Regra(Destino.CREDENCIAL, mensagem)


def recusada(mensagem: str) -> Regra:
    return Regra(Destino.RECUSADA, mensagem)


def nao_documentada(codigo: str) -> Regra:
    """A number inside a range of the contract that no page of SERPRO explains."""
    return recusada(
        f"O SERPRO recusou o pedido com o código {codigo}, que ele não documenta, e nada foi feito. Veja as palavras "
        "do serviço, corrija o que elas apontam e repita; se não apontam nada, informe a quem mantém o Guichê."
    )


DEMOROU = Regra(
    Destino.DUVIDA,
    "O sistema da Receita não respondeu a tempo e pode ter executado o pedido. O Guichê confere antes de repetir.",
)
TOKEN = Regra(
    Destino.REAUTENTICAR,
    "O SERPRO não aceitou a autenticação mesmo depois de renovada. Teste a conexão da credencial na tabela 102.",
)
SEM_PROCURACAO = empresa(
    "Falta procuração eletrônica desta empresa para o autor do pedido, com o poder que este serviço exige. Peça ao "
    "cliente que a outorgue no e-CAC e repita.",
)
PROCURACAO_FORA = Regra(
    Destino.INDISPONIVEL,
    "O sistema de procurações da Receita não respondeu. O Guichê tenta de novo.",
)
TERMO = empresa(
    "O SERPRO não aceita o termo de autorização deste autor do pedido. Confira o procurador e o certificado dele na "
    "janela API Integra Contador, e repita.",
)
PROTOCOLO = recusada(
    "O SERPRO recusou a forma do pedido. Não há o que corrigir nos dados: informe a quem mantém o Guichê.",
)
REPETIR = Regra(
    Destino.DUVIDA,
    "A Receita teve um problema no processamento. O Guichê confere o que aconteceu antes de repetir.",
)
