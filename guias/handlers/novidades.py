"""The free question of EVENTOSATUALIZACAO: a protocol first, the answer after the wait it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import pagamentos as ensaio
from guias.handlers.base import IntegraContadorHandler
from guias.providers import eventos
from guias.providers.cliente import IntegraContador
from guias.providers.eventos import Evento, Novidade
from guias.providers.mensagens.eventos import PROTOCOLO_DESCONHECIDO
from guias.services import novidades
from guias.services.pedidos import Pedido, partes_de
from guias.sessao import abrir
from operacoes.ensaio import Palco
from operacoes.errors import ProviderRefused
from operacoes.handlers import Aceita, Limite, ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao

# Where what a system told is looked at.
_DEPOIS: Mapping[Evento, tuple[str, str, str]] = {
    Evento.PAGAMENTOS: ("Buscar pagamentos", "guias:pagamentos", ""),
    Evento.CAIXA_POSTAL: ("Ver quem tem novidade", "guias:caixas", "?novidade=com"),
    Evento.DCTFWEB: ("Ver quem tem novidade", "guias:dctfweb", "?quem=todas&novidade=com"),
}
_ENTRE_OLHADAS = timedelta(seconds=5)  # SERPRO tells no other wait when an answer is late


@dataclass(frozen=True)
class Sessao:
    """The client, and the protocol that an earlier answer gave, good until `ate`."""

    cliente: IntegraContador
    protocolo: str
    ate: datetime | None


@registrar
class ConsultarNovidades(IntegraContadorHandler):
    tipo, rotulo = novidades.TIPO, "Consultar novidades da Receita"
    efeito, classe = Efeito.DOCUMENTO, Classe.GRATIS
    servico_do_vinculo = Servico.PAGAMENTOS
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Receita: não há o que procurar lá. Basta consultar de novo."

    def poderes(self) -> frozenset[str]:
        return frozenset()

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        """A queue of its own: a daily limit that is spent holds nothing else."""
        por_segundo = settings.INTEGRA_CONTADOR_POR_SEGUNDO
        return (Limite(f"serpro-novidades:{acesso}", por_segundo, timedelta(seconds=1), bloqueio=timedelta(hours=1)),)

    def preparar(self, operacao: Operacao) -> Any:
        ate = operacao.resposta.get("ate")
        return Sessao(
            abrir(operacao), operacao.resposta.get("protocolo", ""), datetime.fromisoformat(ate) if ate else None
        )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Aceita:
        partes = partes_de(pedido)
        feito = eventos.solicitar(
            sessao.cliente, partes.contratante, _documentos(pedido), Evento(pedido["evento"]), chamadas=chamadas
        )
        ate = timezone.now() + timedelta(minutes=feito.limite_min)
        return Aceita(timedelta(milliseconds=feito.espera_ms), {"protocolo": feito.numero, "ate": ate.isoformat()})

    def acompanhar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[Novidade] | Aceita:
        """A protocol that is not known may only not be ready: it is looked at again while it lives."""
        try:
            return eventos.obter(
                sessao.cliente,
                partes_de(pedido).contratante,
                _documentos(pedido),
                Evento(pedido["evento"]),
                sessao.protocolo,
                chamadas=chamadas,
            )
        except ProviderRefused as recusa:
            vive = sessao.ate is not None and timezone.now() < sessao.ate
            if not vive or not recusa.codigo.endswith(PROTOCOLO_DESCONHECIDO):
                raise
            return Aceita(_ENTRE_OLHADAS, {"protocolo": sessao.protocolo, "ate": str(sessao.ate)})

    def aplicar(self, operacao: Operacao, resposta: list[Novidade]) -> dict[str, Any]:
        return novidades.registrar(operacao, resposta)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """As they were: whose news is asked does not change, and the credencial may be mended meanwhile."""
        return {operacao.pk: Repeticao(operacao.pedido, operacao.acesso) for operacao in operacoes}

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        """Of several empresas and any of the systems: no one list is theirs."""
        texto = "Veja as palavras do serviço e pergunte de novo: não custa nada."
        return ProximaAcao(texto, "Ver as perguntas", operacoes_url or f"{reverse('operacoes:lista')}?tipo={self.tipo}")

    def depois(self, run: Processamento) -> ProximaAcao:
        (evento, *_) = run.parametros.get("eventos", [Evento.PAGAMENTOS.value])
        rotulo, nome, sufixo = _DEPOIS[Evento(evento)]
        return ProximaAcao("", rotulo, reverse(nome) + sufixo, em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.novidades(palco, quantas)


def _documentos(pedido: Pedido) -> list[str]:
    return partes_de(pedido).contribuinte.split(",")
