"""The reading of the ADN: one batch of what was issued for or by an empresa, and where to go on from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.urls import reverse

from nfse import ensaio
from nfse.handlers.nacional import NacionalMixin, Sessao
from nfse.handlers.recebidas import RecebidasHandler
from nfse.models import DocumentoAdn
from nfse.services import acesso, distribuicao, distribuidos, emissores
from nfse.services.distribuidos import Lidos
from nfse.services.pedidos import Pedido
from operacoes.ensaio import Palco
from operacoes.errors import AccessDenied, ProviderRefused
from operacoes.handlers import ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter


@registrar
class Distribuir(NacionalMixin, RecebidasHandler):
    """The documents after the cursor of the empresa's CNPJ, up to a batch; the next batch follows by itself."""

    tipo, rotulo = distribuicao.LER, "Ler a distribuição (ADN)"
    status_ao_concluir: ClassVar[Mapping[int, str]] = {404: "não há mais documentos"}
    no_sandbox = replace(
        NacionalMixin.no_sandbox,
        alvo=lambda pedido: {"contribuinte": pedido["documento"], "operacao": "dfe_distribuir"},
        resto_de=lambda pedido: pedido.get("continua"),
    )

    def preparar(self, operacao: Operacao) -> Sessao:
        canal = acesso.canal_de(operacao.acesso)
        cliente = acesso.abrir_nacional(canal, emissores.NACIONAL).cliente  # the ADN is the national one for all
        return Sessao(cliente, nsu=distribuicao.nsu_de(canal.empresa.documento))

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lidos:
        adn = sessao.cliente.adn
        try:
            lote = adn.distribuir(sessao.nsu, chamadas=chamadas)
        except AccessDenied as negado:  # of a reading, which is no reason to stop what the canal issues
            raise ProviderRefused(
                str(negado), codigo=negado.codigo or "ADN-NEGADO", texto=negado.texto, status=negado.status
            ) from negado
        abertos = distribuidos.abrir(lote.documentos, pedido["documento"], producao=adn.producao)
        return Lidos(sessao.nsu, lote.ultimo_nsu, lote.em_dia, abertos)

    def aplicar(self, operacao: Operacao, resposta: Lidos) -> dict[str, Any]:
        canal = acesso.canal_de(operacao.acesso)
        cursor = distribuicao.travado(canal.empresa)
        feitos = distribuidos.registrar(cursor, canal, operacao, resposta)
        if not resposta.em_dia and resposta.ate > resposta.desde:
            adiante = distribuicao.nova(canal, operacao.pedido["vez"], operacao)
            submeter([adiante], usuario=operacao.usuario, processamento=operacao.processamento)
        return {
            "desde": resposta.desde,
            "ate": resposta.ate,
            "documentos_lidos": len(feitos),
            "nao_lidos": sum(um.papel == DocumentoAdn.Papel.ILEGIVEL for um in feitos),
            "documentos": [str(um.xml_id) for um in feitos if um.xml_id],
        }

    def depois(self, run: Processamento) -> ProximaAcao:
        """What came is of any month."""
        todas = f"{reverse('nfse:recebidas')}?periodo=todos"
        return ProximaAcao("", "Abrir as notas recebidas", todas, em_qualquer_mes=True)

    def recusada(self, operacao: Operacao) -> None:
        if operacao.empresa is not None:
            distribuicao.falhou(operacao.empresa, operacao.mensagem)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.leituras_do_adn(palco, quantas)
