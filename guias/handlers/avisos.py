"""What the Receita tells an empresa: its mailbox, the DTE, its digital processes."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from credentials.models import Servico
from guias.ensaio import receita as ensaio
from guias.handlers.base import Leitura, Lido, Sessao, empresa_de
from guias.handlers.telas import SITUACAO
from guias.models import MensagemEcac
from guias.providers import caixapostal, dte, eprocesso
from guias.providers.caixapostal import MensagemDaCaixa, MensagemLida
from guias.services.acoes import Acao
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import Palco, PelaTela
from operacoes.handlers import ProximaAcao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Operacao, Processamento
from operacoes.motor import NovaOperacao


def _abrir_caixa() -> ProximaAcao:
    return ProximaAcao("", "Abrir caixa postal", reverse("guias:caixa_postal"), em_qualquer_mes=True)


@registrar
class VerificarMensagens(Leitura):
    """Ask whether there are new messages: free."""

    tipo, rotulo = "guias.caixapostal.novas", "Verificar mensagens novas"
    classe = Classe.GRATIS
    servico_do_vinculo = Servico.CAIXA_POSTAL
    no_catalogo = caixapostal.INNOVAMSG63

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        return Lido({"novas": caixapostal.novas(sessao.cliente, partes_de(pedido), chamadas=chamadas)})

    def depois(self, run: Processamento) -> ProximaAcao:
        url = reverse("guias:caixas") + "?novas=sim"
        return ProximaAcao("", "Ver quem tem mensagens", url, em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.MENSAGENS_NOVAS, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.MENSAGENS_NOVAS, novas)


@registrar
class ListarMensagens(Leitura):
    """Bring the list of messages: nothing is opened by it."""

    tipo, rotulo = "guias.caixapostal.listar", "Listar mensagens da caixa postal"
    classe = Classe.CONSULTA
    servico_do_vinculo = Servico.CAIXA_POSTAL
    no_catalogo = caixapostal.MSGCONTRIBUINTE61

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[MensagemDaCaixa]:
        return caixapostal.listar(sessao.cliente, partes_de(pedido), pedido["status"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: list[MensagemDaCaixa]) -> dict[str, Any]:
        novas = 0
        for mensagem in resposta:
            _, nova = MensagemEcac.objects.update_or_create(
                empresa=empresa_de(operacao), isn=mensagem.isn, defaults=_campos(mensagem)
            )
            novas += nova
        self.guardar(operacao, Lido({"mensagens": len(resposta), "novas": novas}))
        return {"mensagens": len(resposta), "novas": novas}

    def depois(self, run: Processamento) -> ProximaAcao:
        return _abrir_caixa()

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.listas_de_mensagens(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.MENSAGENS, novas)


def _campos(mensagem: MensagemDaCaixa) -> dict[str, Any]:
    return {
        "assunto": mensagem.assunto[:400],
        "remetente": mensagem.remetente[:120],
        "controle": mensagem.controle[:30],
        "relevante": mensagem.relevante,
        "enviada_em": mensagem.enviada_em,
        "validade": mensagem.validade,
        "lida_na_receita_em": mensagem.lida_em,
    }


@registrar
class LerMensagem(Leitura):
    """Open one message, which notifies the empresa of it; opened again nothing changes. Its text is kept for ever."""

    tipo, rotulo = "guias.caixapostal.ler", "Abrir mensagem da caixa postal"
    classe = Classe.CONSULTA
    servico_do_vinculo = Servico.CAIXA_POSTAL
    no_catalogo = caixapostal.MSGDETALHAMENTO62
    muda = True
    onde_conferir = (
        "No e-CAC, Caixa Postal: a mensagem com este assunto aparece como lida se a abertura aconteceu. Abrir de novo "
        "não muda nada, só custa outra chamada."
    )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> MensagemLida:
        return caixapostal.ler(sessao.cliente, partes_de(pedido), pedido["isn"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: MensagemLida) -> dict[str, Any]:
        mensagem = MensagemEcac.objects.select_for_update().get(pk=operacao.pedido["mensagem"])
        agora = timezone.now()
        mensagem.corpo = resposta.corpo
        mensagem.ciencia_em = resposta.ciencia_em
        mensagem.lida_na_receita_em = mensagem.lida_na_receita_em or resposta.mensagem.lida_em or agora
        mensagem.aberta_em = mensagem.aberta_em or agora
        mensagem.operacao = operacao
        if mensagem.lida_em is None:
            mensagem.lida_em, mensagem.lida_por = agora, operacao.usuario
        mensagem.save()
        self.guardar(operacao, Lido({"isn": mensagem.isn}))
        return {"mensagem": mensagem.pk}

    def depois(self, run: Processamento) -> ProximaAcao:
        mensagem = run.operacoes.values_list("pedido__mensagem", flat=True).first()
        if mensagem is None:
            return _abrir_caixa()
        return ProximaAcao("", "Ler a mensagem", reverse("guias:mensagem", args=[mensagem]), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.mensagens_a_abrir(palco, quantas)


@registrar
class ConsultarDte(Leitura):
    """Ask whether the empresa opted for the domicílio tributário eletrônico."""

    tipo, rotulo = "guias.dte.consultar", "Consultar DTE"
    tela = SITUACAO
    classe = Classe.CONSULTA
    servico_do_vinculo = Servico.CAIXA_POSTAL
    no_catalogo = dte.CONSULTASITUACAODTE111

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        lida = dte.situacao(sessao.cliente, partes_de(pedido), chamadas=chamadas)
        return Lido({"indicador": lida.indicador, "texto": lida.texto})

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir situação fiscal", reverse("guias:situacao_fiscal"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.DTE, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.DTE, novas)


@registrar
class ConsultarProcessos(Leitura):
    """Ask for the digital processes in which the empresa is interested."""

    tipo, rotulo = "guias.eprocesso.consultar", "Consultar processos (e-Processo)"
    classe = Classe.CONSULTA
    servico_do_vinculo = Servico.PROCESSOS
    no_catalogo = eprocesso.CONSPROCPORINTER271

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        achados = eprocesso.processos(sessao.cliente, partes_de(pedido), chamadas=chamadas)
        return Lido(
            {
                "processos": [
                    {
                        "numero": processo.numero,
                        "protocolo": processo.protocolo,
                        "tipo": processo.tipo,
                        "subtipo": processo.subtipo,
                        "localizacao": processo.localizacao,
                        "situacao": processo.situacao,
                    }
                    for processo in achados
                ]
            }
        )

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir Redesim e processos", reverse("guias:processos"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, Acao.PROCESSOS, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(Acao.PROCESSOS, novas)
