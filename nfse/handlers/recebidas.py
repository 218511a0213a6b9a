"""Notes of services taken: the list of a month, and each note of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from django.urls import reverse

from comum.planilhas import Celula
from nfse import ensaio
from nfse.handlers.base import NotaHandler
from nfse.handlers.integranotas import IntegraNotasMixin, Sessao
from nfse.providers.integranotas.filtros import FiltroRecebidas
from nfse.providers.integranotas.limites import PRAZO
from nfse.services.acesso import canal_de
from nfse.services.eventos_nota import cancela
from nfse.services.limites import limite_da_nota
from nfse.services.pedidos import Pedido
from nfse.services.recebidas import BAIXAR, LISTAR, Baixada, a_baixar, gravar
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import Limite, ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.ritmo import no_ritmo


@dataclass(frozen=True)
class Listadas:
    chaves: tuple[str, ...]


class RecebidasHandler(NotaHandler):
    """A reading of no note of ours: nothing changes outside, and asking again costs nothing."""

    efeito = Efeito.DOCUMENTO
    colunas_do_resultado = ()
    prova = ""
    onde_conferir = "Nada precisa ser conferido: é só uma consulta. Peça de novo quando quiser."
    numero_da_prova = ""

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        return {}

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as notas recebidas", reverse("nfse:recebidas"))

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return None

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return None


@registrar
class ListarRecebidas(IntegraNotasMixin, RecebidasHandler):
    """What the service collected for a month, or for a day or a prestador of it; the downloads follow."""

    tipo, rotulo = LISTAR, "Buscar notas recebidas"
    no_sandbox = replace(
        IntegraNotasMixin.no_sandbox,
        alvo=lambda pedido: {
            "contribuinte": ensaio.prestador_do_canal(pedido["canal"]),
            "operacao": "dfe_listar",
        },
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Listadas:
        filtro = FiltroRecebidas(
            periodo=date.fromisoformat(pedido["periodo"]),
            dia=date.fromisoformat(pedido["dia"]) if pedido.get("dia") else None,
            cnpj=pedido.get("cnpj", ""),
        )
        pagina = sessao.cliente.recebidas(filtro, chamadas=chamadas)
        return Listadas(tuple(nota.chave for nota in pagina.notas if nota.chave))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.buscas_de_recebidas(palco, quantas)

    def aplicar(self, operacao: Operacao, resposta: Listadas) -> dict[str, Any]:
        novas = a_baixar(operacao, resposta.chaves)
        submeter(novas, usuario=operacao.usuario, processamento=operacao.processamento)
        return {"encontradas": len(resposta.chaves), "a_baixar": len(novas)}


@registrar
class BaixarRecebida(IntegraNotasMixin, RecebidasHandler):
    """The XML of one note, and whether it was cancelled since."""

    tipo, rotulo = BAIXAR, "Baixar nota recebida"
    no_sandbox = replace(IntegraNotasMixin.no_sandbox, alvo=lambda pedido: {"documento": pedido["chave"]})
    prazo_total: ClassVar[timedelta] = no_ritmo(PRAZO * 2)  # two calls on one chave, the second in its turn

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        return (limite_da_nota(acesso, str(pedido["chave"])),)

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Baixada:
        chave = pedido["chave"]
        xml = sessao.cliente.baixar_recebida(chave, chamadas=chamadas)
        eventos = sessao.cliente.eventos_recebidos(chave, chamadas=chamadas)
        cancelam = [evento for evento in eventos if cancela(evento.tipo, evento.xml)]
        return Baixada(
            chave,
            xml,
            cancelada=bool(cancelam),
            eventos=tuple((evento.tipo, evento.instante) for evento in eventos),
            cancelamento=next((evento.xml for evento in cancelam if evento.xml), b""),
        )

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.recebidas(palco, quantas)

    def aplicar(self, operacao: Operacao, resposta: Baixada) -> dict[str, Any]:
        periodo = date.fromisoformat(operacao.pedido["periodo"])
        nota, documentos = gravar(canal_de(operacao.acesso), resposta, periodo)
        return {"recebida": nota.pk, "numero": nota.numero, "documentos": [str(um.pk) for um in documentos]}
