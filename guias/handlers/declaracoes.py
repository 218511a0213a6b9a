"""A declaration of the PGDAS-D by its number, also of one that was replaced or sent by other hands."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from guias import ensaio
from guias.handlers.base import IntegraContadorHandler, Sessao
from guias.models import Consulta
from guias.providers import pgdasd
from guias.providers.interface import Recibo
from guias.services.pedidos import Pedido, competencia_de, partes_de
from operacoes.ensaio import Palco
from operacoes.errors import ProviderRefused
from operacoes.handlers import registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao
from operacoes.motor import NovaOperacao


@registrar
class BuscarDeclaracao(IntegraContadorHandler):
    """Declaration and receipt of one number, kept in the archive and as a Consulta."""

    tipo, rotulo = "guias.pgdasd.declaracao", "Buscar declaração pelo número"
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Receita: não há o que procurar lá. Basta consultar de novo."

    def poderes(self) -> frozenset[str]:
        return pgdasd.CONSDECREC15.poderes

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Recibo:
        achada = pgdasd.declaracao(sessao.cliente, partes_de(pedido), pedido["numero"], chamadas=chamadas)
        if achada is None:
            raise ProviderRefused(f"A Receita não tem a declaração {pedido['numero']} desta empresa.")
        return achada

    def aplicar(self, operacao: Operacao, resposta: Recibo) -> dict[str, Any]:
        assert operacao.empresa is not None  # noqa: S101 - it is asked of one empresa
        papeis = [
            (resposta.declaracao, Documento.Tipo.DECLARACAO, "DECLARACAO"),
            (resposta.recibo, Documento.Tipo.RECIBO, "RECIBO"),
        ]
        if resposta.multa is not None:
            papeis += [
                (resposta.multa.notificacao, Documento.Tipo.NOTIFICACAO_MAED, "NOTIFICACAO-MAED"),
                (resposta.multa.darf, Documento.Tipo.DARF_MAED, "DARF-MAED"),
            ]
        guardados = [
            guardar(
                conteudo,
                empresa=operacao.empresa,
                tipo=tipo,
                nome=f"PGDASD-{nome}-{resposta.numero}.pdf",
                competencia=competencia_de(operacao.pedido),
                referencia=resposta.numero,
            )
            for conteudo, tipo, nome in papeis
            if conteudo
        ]
        ids = [str(documento.pk) for documento in guardados]
        Consulta.objects.create(
            empresa=operacao.empresa,
            servico=str(pgdasd.CONSDECREC15),
            chave=resposta.numero,
            parametros={"numero": resposta.numero},
            resposta={"documentos": ids},
            documento=guardados[0] if guardados else None,
            operacao=operacao,
            consultada_em=timezone.now(),
        )
        return {"numero": resposta.numero, "documentos": ids}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, self.tipo, quantas)
