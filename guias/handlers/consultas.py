"""Readings that change nothing outside: declarations of a period, procurações."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from credentials.models import Servico
from guias import ensaio
from guias.handlers.base import IntegraContadorHandler, Leitura, Lido, Sessao
from guias.models import Procuracao
from guias.providers import pgdasd, procuracoes
from guias.providers.interface import (
    Partes,
    Periodo,
)
from guias.providers.interface import Procuracao as Outorga
from guias.services import ano_na_receita, pagamentos
from guias.services.acoes import Acao
from guias.services.pedidos import (
    Pedido,
    competencia_de,
    partes_de,
)
from guias.services.poderes import validades
from operacoes.ensaio import Palco, PelaTela
from operacoes.handlers import ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao


@registrar
class ConsultarPeriodo(IntegraContadorHandler):
    """Ask which declarations and DAS the Receita has of one competência."""

    tipo, rotulo = "guias.pgdasd.consultar", "Consultar declarações do período"
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Receita: não há o que procurar lá. Basta consultar de novo."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Periodo:
        return pgdasd.periodo(sessao.cliente, partes_de(pedido), competencia_de(pedido), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: Periodo) -> dict[str, Any]:
        pagamentos.marcar_pelo_pgdasd(operacao, (item.numero for item in resposta.das if item.pago))
        return ano_na_receita.em_json(resposta)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, self.tipo, quantas)


@registrar
class ConsultarAno(Leitura):
    """Ask which declarations and DAS the Receita has of every month of a year, whoever made them."""

    tipo, rotulo = "guias.pgdasd.ano", "Consultar declarações do ano"
    classe = Classe.CONSULTA
    no_catalogo = pgdasd.CONSDECLARACAO13

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[Periodo]:
        return pgdasd.ano(sessao.cliente, partes_de(pedido), int(pedido["chave"]), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: list[Periodo]) -> dict[str, Any]:
        pagamentos.marcar_pelo_pgdasd(
            operacao, (item.numero for periodo in resposta for item in periodo.das if item.pago)
        )
        lidos = {periodo.competencia.isoformat(): ano_na_receita.em_json(periodo) for periodo in resposta}
        self.guardar(operacao, Lido({"meses": lidos}))
        return {"meses": len(lidos)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.anos(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.ANO, novas)


@registrar
class ConsultarProcuracoes(IntegraContadorHandler):
    """Ask which powers an empresa granted to the autor; the paid answer is kept."""

    tipo, rotulo = "guias.procuracoes.consultar", "Consultar procurações"
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Receita: não há o que procurar lá. Basta consultar de novo."
    servico_do_vinculo = Servico.PROCURACOES

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[Outorga]:
        return procuracoes.obter(sessao.cliente, partes_de(pedido), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: list[Outorga]) -> dict[str, Any]:
        partes: Partes = partes_de(operacao.pedido)
        sistemas = sorted({nome for outorga in resposta for nome in outorga.sistemas})
        ate = validades((outorga.expira, outorga.sistemas) for outorga in resposta)
        # What ends first of what was granted; a grant whose powers are not recognised counts as a whole.
        fins = [date.fromisoformat(dia) for dia in ate.values()] or [outorga.expira for outorga in resposta]
        expira = min(fins, default=None)
        Procuracao.objects.update_or_create(
            empresa=operacao.empresa,
            outorgado=partes.autor,
            defaults={
                "credencial_id": operacao.pedido["credencial"],
                "sistemas": sistemas,
                "validades": ate,
                "expira": expira,
                "consultada_em": timezone.now(),
            },
        )
        return {"sistemas": sistemas, "expira": expira.isoformat() if expira else ""}

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar às procurações", reverse("guias:procuracoes"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.consultas_de_procuracoes(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.PROCURACOES, novas)
