"""What the handlers of notes have in common: whose access, which limits, and what a submission, a refusal or a person's
answer does to the note."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.urls import reverse

from comum.models import Usuario
from comum.planilhas import Celula
from nfse.models import Cancelamento, CartaCorrecao, EventoNota, Nota
from nfse.providers.interface import Estado, NotaNoServico
from nfse.services import acesso as acessos
from nfse.services import acoes, identidade, registro
from nfse.services.emissao import repeticoes
from nfse.services.historia import contar
from nfse.services.pedidos import Pedido
from operacoes.ensaio import NoLivro
from operacoes.errors import ProviderRefused, ProviderUnavailable
from operacoes.handlers import Handler, ProximaAcao, Repeticao
from operacoes.models import Classe, Efeito, Operacao, Processamento

_MAIOR_NUMERO = 15  # digits, of the layouts of the towns (ABRASF)
_JA_PEDIDO = "O cancelamento da nota já foi pedido e está em andamento. Espere a decisão."


@dataclass(frozen=True)
class Resposta:
    """What a try brought back of a note, what it learnt on the way (internal ids), and what the service told of the
    tomador, where it tells."""

    nota: NotaNoServico
    aprendidas: tuple[Any, ...] = ()
    tomador: Mapping[str, Any] | None = None


COLUNAS_DA_NOTA = (
    "NFS-e", "Série", "RPS", "Referência", "Tomador", "CPF ou CNPJ do tomador", "Valor (R$)", "Chave",
    "Página no município",
)  # fmt: skip


class NotaHandler(Handler):
    """An effect on one note. The pedido names it: {"nota": pk, ...}."""

    efeito, classe = Efeito.UNICO, Classe.GRATIS
    numero_da_prova: ClassVar[str] = "Número da NFS-e"
    colunas_do_resultado: ClassVar[tuple[str, ...]] = COLUNAS_DA_NOTA

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        return {pk: _da_nota(nota) for pk, nota in _notas(operacoes).items()}

    def alvos(self, operacoes: Sequence[Operacao]) -> Mapping[int, str]:
        return {pk: f"{_dita(nota)} · {nota.tomador.nome}" for pk, nota in _notas(operacoes).items()}

    def rotulo_acesso(self, acesso: str) -> str:
        return acessos.rotulo_acesso(acesso)

    def url_do_acesso(self, acesso: str) -> str:
        return acessos.url_do_acesso(acesso)

    def acesso_mudou(self, acesso: str, desde: datetime) -> bool:
        return acessos.acesso_mudou(acesso, desde)

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Abrir as notas", reverse("nfse:notas"))

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return ProximaAcao(
            "Corrija o que a mensagem aponta e emita de novo.",
            "Abrir as notas recusadas",
            reverse("nfse:notas") + "?situacao=recusada",
        )


class EmissaoHandler(NotaHandler):
    """Issue a note, or its replacement."""

    como_repete = "Cada uma é enviada de novo com o que a nota diz agora."

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        """To the correction of all the notes of the group at once, which the query of `operacoes_url` names."""
        if not operacoes_url:
            return super().proxima_acao(grupo, operacoes_url)
        return ProximaAcao(
            "Corrija uma vez para todas, ou nota por nota, e emita de novo.",
            "Corrigir as iguais",
            f"{reverse('nfse:iguais')}?{urlsplit(operacoes_url).query}",
        )

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        """Under the lock by which the intent was made."""
        por_nota = {operacao.pedido["nota"]: operacao for operacao in operacoes}
        notas = list(Nota.objects.filter(pk__in=por_nota))
        for nota in notas:
            nota.operacao, nota.revisao = por_nota[nota.pk], por_nota[nota.pk].revisao
            nota.situacao = Nota.Situacao.EMITINDO
        Nota.objects.bulk_update(notas, ["operacao", "revisao", "situacao"], batch_size=500)
        EventoNota.objects.bulk_create(
            [
                EventoNota(
                    nota=nota,
                    tipo=EventoNota.Tipo.ENVIADA,
                    usuario_id=por_nota[nota.pk].usuario_id,
                    operacao=por_nota[nota.pk],
                    texto=f"Revisão {nota.revisao}" if nota.revisao > 1 else "",
                )
                for nota in notas
            ]
        )

    def desistida(self, operacao: Operacao) -> None:
        nota = _nota(operacao)
        if nota.operacao_id == operacao.pk and nota.situacao == Nota.Situacao.EMITINDO:
            nota.situacao = Nota.Situacao.RECUSADA
            nota.save(update_fields=["situacao"])
            contar(nota, EventoNota.Tipo.RECUSADA, operacao=operacao, texto="Retirada da fila.")

    def recusada(self, operacao: Operacao) -> None:
        registro.recusar(_nota(operacao), operacao)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return repeticoes(operacoes)

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        return self._autorizada(operacao, resposta)

    def _autorizada(self, operacao: Operacao, resposta: Resposta, *, por_pessoa: bool = False) -> dict[str, Any]:
        nota = _nota(operacao)
        documentos = registro.autorizar(nota, resposta.nota, operacao, por_pessoa=por_pessoa)
        if substituida := operacao.pedido.get("substituida"):
            registro.substituida(registro.travada(substituida), nota, operacao)
        if resposta.nota.estado is Estado.CANCELADA:
            registro.cancelada(nota, resposta.nota, operacao)
        if nota.canal is not None:
            enviado = operacao.pedido["emissao"]["tomador"]
            identidade.registrar(nota, nota.canal, enviado, em=operacao.enviada_em, dados=resposta.tomador)
        return {
            "nota": nota.pk,
            "numero": nota.numero_nfse,
            "chave": nota.chave,
            "documentos": [str(documento.pk) for documento in documentos],
        }

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        """`evidencia` is the number that the person saw at the town hall."""
        achada = NotaNoServico(Estado.AUTORIZADA, numero=evidencia.strip().lstrip("0"), pdf=arquivo)
        return self._autorizada(operacao, Resposta(achada), por_pessoa=True)

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        limpo = numero.strip().lstrip("0")
        if not limpo.isascii() or not limpo.isdecimal() or len(limpo) > _MAIOR_NUMERO:
            return "O número da NFS-e tem só algarismos, como 1234. Digite-o como está na nota."
        nota = Nota.objects.get(pk=operacao.pedido["nota"])
        outra = Nota.objects.filter(canal=nota.canal, numero_nfse=limpo).exclude(pk=nota.pk).first()
        if outra is not None:
            return f"A NFS-e {limpo} é a de {outra.tomador.nome}, que já está no Guichê. Confira o número."
        return ""


class CorrecaoHandler(NotaHandler):
    """Add a correction letter."""

    numero_da_prova = ""

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return None

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        """What repeats a refused request takes its place."""
        for operacao in operacoes:
            if operacao.anterior_id:
                CartaCorrecao.objects.filter(pk=operacao.pedido["carta"]).update(
                    situacao=CartaCorrecao.Situacao.ENVIANDO, operacao=operacao
                )

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return {
            operacao.pk: acoes.por_que_nao_corrigir(_nota(operacao)) or Repeticao(operacao.pedido, operacao.acesso)
            for operacao in _por_nota(operacoes)
        }

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        nota, carta = _nota(operacao), _carta(operacao)
        if carta.situacao == CartaCorrecao.Situacao.REGISTRADA:
            return {"carta": carta.pk}
        carta.situacao = CartaCorrecao.Situacao.REGISTRADA
        carta.save(update_fields=["situacao"])
        contar(nota, EventoNota.Tipo.CORRECAO, usuario=carta.pedida_por, operacao=operacao, texto=carta.texto)
        return {"carta": carta.pk, "numero": nota.numero_nfse}

    def recusada(self, operacao: Operacao) -> None:
        _carta_recusada(operacao)

    def desistida(self, operacao: Operacao) -> None:
        _carta_recusada(operacao)

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Resposta(NotaNoServico(Estado.AUTORIZADA)))


class CancelamentoHandler(NotaHandler):
    """Ask for a cancellation."""

    numero_da_prova = "Protocolo, ou data e hora do cancelamento"

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return None

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        """What repeats a refused request takes its place."""
        for operacao in operacoes:
            if operacao.anterior_id:
                Cancelamento.objects.filter(pk=operacao.pedido["cancelamento"]).update(
                    situacao=Cancelamento.Situacao.ENVIANDO, operacao=operacao, decidido_em=None
                )

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """One of each note: the others of a batch are told that it is asked for."""
        feitas: dict[int, Repeticao | str] = {}
        notas: set[int] = set()
        for operacao in _por_nota(operacoes):
            nota = _nota(operacao)
            motivo = _JA_PEDIDO if nota.pk in notas else acoes.por_que_nao_cancelar(nota, nota.cancelamentos.all())
            feitas[operacao.pk] = motivo or Repeticao(operacao.pedido, operacao.acesso)
            if not motivo:
                notas.add(nota.pk)
        return feitas

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        nota, cancelamento = _nota(operacao), _cancelamento(operacao)
        documentos = []
        if resposta.nota.estado is Estado.CANCELADA:
            documentos = registro.cancelada(nota, resposta.nota, operacao)
        else:
            cancelamento.nota = nota
            registro.cancelamento_solicitado(cancelamento, operacao)
        return {
            "cancelamento": cancelamento.pk,
            "numero": nota.numero_nfse,
            "documentos": [str(documento.pk) for documento in documentos],
        }

    def recusada(self, operacao: Operacao) -> None:
        self._voltou(operacao, operacao.mensagem)

    def desistida(self, operacao: Operacao) -> None:
        self._voltou(operacao, "Retirado da fila.")

    def _voltou(self, operacao: Operacao, mensagem: str) -> None:
        cancelamento = _cancelamento(operacao)
        if cancelamento.situacao in Cancelamento.ABERTOS:
            cancelamento.nota = _nota(operacao)
            registro.cancelamento_recusado(cancelamento, operacao, mensagem)

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Resposta(NotaNoServico(Estado.PROCESSANDO)))


class LeituraHandler(NotaHandler):
    """Look at a note again; nothing changes outside."""

    efeito = Efeito.DOCUMENTO
    prova = ""
    onde_conferir = "Nada precisa ser conferido: é só uma consulta. Peça de novo quando quiser."
    numero_da_prova = ""

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return None

    def aplicar(self, operacao: Operacao, resposta: Resposta) -> dict[str, Any]:
        nota = _nota(operacao)
        antes, sem_chave = nota.situacao, not nota.chave
        documentos = registro.relida(nota, resposta.nota, operacao)
        achada = f"Chave encontrada: {nota.chave}" if sem_chave and nota.chave else ""
        if documentos or achada or nota.situacao != antes:
            tipo = EventoNota.Tipo.DOCUMENTOS if documentos else EventoNota.Tipo.RELIDA
            contar(nota, tipo, usuario=operacao.usuario, operacao=operacao, texto=achada)
        return {
            "nota": nota.pk,
            "numero": nota.numero_nfse,
            "situacao": nota.situacao,
            "documentos": [str(documento.pk) for documento in documentos],
        }

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return None


def _da_nota(nota: Nota) -> Sequence[Celula]:
    """Under COLUNAS_DA_NOTA."""
    return (
        nota.numero_nfse,
        nota.serie,
        nota.numero,
        nota.referencia,
        nota.tomador.nome,
        nota.tomador.documento_mascarado,
        nota.valor_servicos,
        nota.chave,
        nota.link,
    )


def _notas(operacoes: Sequence[Operacao]) -> dict[int, Nota]:
    """By the pk of the Operacao; a search of notes received is about none."""
    pks = {operacao.pk: operacao.pedido["nota"] for operacao in operacoes if "nota" in operacao.pedido}
    notas = Nota.objects.select_related("tomador", "canal").in_bulk(set(pks.values()))
    return {pk: notas[nota] for pk, nota in pks.items() if nota in notas}


def _dita(nota: Nota) -> str:
    return f"NFS-e {nota.numero_nfse}" if nota.numero_nfse else nota.nome


def _nota(operacao: Operacao) -> Nota:
    return registro.travada(operacao.pedido["nota"])


def _por_nota(operacoes: Sequence[Operacao]) -> list[Operacao]:
    """In the order in which the notes are locked."""
    return sorted(operacoes, key=lambda operacao: int(operacao.pedido["nota"]))


def _carta(operacao: Operacao) -> CartaCorrecao:
    return CartaCorrecao.objects.select_for_update().get(pk=operacao.pedido["carta"])


def _carta_recusada(operacao: Operacao) -> None:
    carta = _carta(operacao)
    if carta.situacao == CartaCorrecao.Situacao.ENVIANDO:
        carta.situacao = CartaCorrecao.Situacao.RECUSADA
        carta.save(update_fields=["situacao"])
        contar(
            _nota(operacao),
            EventoNota.Tipo.CARTA_RECUSADA,
            operacao=operacao,
            texto=operacao.mensagem or "Retirada da fila.",
            dados={"palavras": operacao.palavras_do_servico},
        )


def _cancelamento(operacao: Operacao) -> Cancelamento:
    return Cancelamento.objects.select_for_update().get(pk=operacao.pedido["cancelamento"])


@contextmanager
def so_perguntando() -> Iterator[None]:
    """The refusal of a question is none of what is asked about."""
    try:
        yield
    except ProviderRefused as recusa:
        raise ProviderUnavailable(
            recusa.mensagem, codigo=recusa.codigo, texto=recusa.texto, status=recusa.status
        ) from recusa


def chave_de(pedido: Pedido) -> str:
    """The service's handle of the note that a pedido is about; empty while it has none."""
    referencia = pedido.get("referencia") or pedido.get("antiga") or {}
    return str(referencia.get("chave", ""))
