"""A guia by e-mail, and its reminder. The message leaves once: the mail server cannot be asked about it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr
from arquivo.services import abrir as abrir_documento
from comum.models import Usuario
from guias import correio
from guias.ensaio import entrega as ensaio
from guias.handlers.telas import EMPRESAS, GUIAS
from guias.models import Entrega, Guia
from guias.providers.correio import Entregue
from guias.services import barras, entregas, leitura, lembretes, mensagens
from guias.services.pedidos import Pedido
from operacoes.ensaio import NoLivro, NoSandbox, Palco, PelaTela
from operacoes.errors import ProviderRefused, ProviderUnavailable
from operacoes.handlers import Handler, Limite, ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.ritmo import no_ritmo


@dataclass(frozen=True)
class Sessao:
    """The message as it leaves, but for the tag of the try."""

    para: str
    assunto: str
    corpo: str
    id: str
    anexo: tuple[str, bytes, str]
    automatica: bool


class _PorCorreio(Handler):
    servico, nome_do_servico = "correio", "Correio eletrônico"
    efeito, classe = Efeito.UNICO, Classe.GRATIS
    prazo_total = no_ritmo(timedelta(seconds=90))
    demora_maxima = timedelta(minutes=settings.ENTREGA_DEMORA_MAXIMA_MINUTOS)
    prova = ""
    onde_conferir = (
        "No registro do servidor de e-mail do escritório ou na pasta de enviados da conta, procure o destinatário "
        "(para) e o Message-ID (id) do pedido, que está no fim desta página; ou pergunte ao cliente se a mensagem "
        "chegou. Se ele já abriu a guia pelo link, a página das entregas diz “lida”."
    )
    numero_da_prova = "Como se viu que a mensagem foi aceita"
    efeito_no_livro = "mensagem_entregue"
    no_sandbox = NoSandbox(lambda pedido: {"documento": pedido["para"]})
    automatica = False

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        por_minuto = settings.ENTREGA_POR_MINUTO
        return (Limite(acesso, por_minuto, timedelta(minutes=1), rajada=max(1, por_minuto // 10)),)

    def rotulo_acesso(self, acesso: str) -> str:
        nome, endereco = correio.remetente()
        return f"Servidor de e-mail · {nome or endereco}"

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir as guias", reverse("guias:lista"))

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        if grupo.startswith("RCPT-"):
            texto = "Corrija o endereço nos contatos da empresa e envie a guia de novo pela lista de guias."
            return EMPRESAS.acao(texto)
        return replace(GUIAS, sufixo="?periodo=todos&entrega=nao_entregue").acao("Veja o motivo e envie de novo.")

    def preparar(self, operacao: Operacao) -> Sessao:
        pedido = operacao.pedido
        entrega = Entrega.objects.select_related("guia__documento__empresa", "guia__empresa").get(pk=pedido["entrega"])
        if motivo := self.nao_saem([entrega]).get(entrega.pk):
            raise ProviderRefused(f"{motivo} Nada foi enviado.", codigo="NAO-ENVIAR")
        base = entregas.base_publica(pedido["base"])
        dos_links = {"link": leitura.endereco(entrega.pk, base), "conferir": base + reverse("conferir_guia")}
        return Sessao(
            para=pedido["para"],
            assunto=pedido["assunto"],
            corpo=mensagens.preencher(pedido["corpo"], dos_links),
            id=pedido["id"],
            anexo=_anexo(entrega.guia),
            automatica=self.automatica,
        )

    def nao_saem(self, feitas: Sequence[Entrega]) -> Mapping[int, str]:
        """Of those whose message is not to leave any more, by pk, why (pt-BR): what was true when it was asked for may
        have changed."""
        raise NotImplementedError

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Entregue:
        carta = correio.escrever(
            para=sessao.para,
            assunto=sessao.assunto,
            corpo=sessao.corpo,
            id=sessao.id,
            tag=chamadas.tag,
            anexo=sessao.anexo,
            automatica=sessao.automatica,
        )
        return correio.entregar(carta, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: Entregue) -> dict[str, Any]:
        self.marcar_enviada(operacao)
        return {"para": operacao.pedido["para"], "numero": operacao.pedido["id"], "palavras": resposta.palavras}

    def marcar_enviada(self, operacao: Operacao) -> None:
        raise NotImplementedError

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Entregue(evidencia))

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        entregas_lidas = Entrega.objects.select_related("guia").in_bulk([op.pedido["entrega"] for op in operacoes])
        motivos = self.nao_saem(list(entregas_lidas.values()))
        return {op.pk: motivos.get(op.pedido["entrega"]) or Repeticao(op.pedido, correio.ACESSO) for op in operacoes}

    def no_livro(self, operacao: Operacao) -> NoLivro:
        feita = operacao.resposta.get("numero", "")
        return NoLivro(self.servico, self.efeito_no_livro, "", numero=feita, documentos=(operacao.pedido["para"],))


@registrar
class EnviarGuia(_PorCorreio):
    """Send a guia with its PDF to one address."""

    tipo, rotulo = entregas.ENVIAR, "Enviar guia por e-mail"

    def nao_saem(self, feitas: Sequence[Entrega]) -> Mapping[int, str]:
        guias = Guia.objects.com_situacao(timezone.localdate()).in_bulk([entrega.guia_id for entrega in feitas])
        pares = ((entrega.pk, entregas.impedimento(guias[entrega.guia_id])) for entrega in feitas)
        return {pk: impede[1] for pk, impede in pares if impede}

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        """The last sending is the one that a delivery shows."""
        feitas = [Entrega(pk=operacao.pedido["entrega"], operacao=operacao) for operacao in operacoes]
        Entrega.objects.bulk_update(feitas, ["operacao"], batch_size=1000)

    def marcar_enviada(self, operacao: Operacao) -> None:
        Entrega.objects.filter(pk=operacao.pedido["entrega"]).update(enviada_em=Now())

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.envios(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela(novas)


@registrar
class LembrarGuia(_PorCorreio):
    """Remind somebody of a guia that is about to fall due."""

    tipo, rotulo = entregas.LEMBRAR, "Lembrar da guia por e-mail"
    automatica = True

    def nao_saem(self, feitas: Sequence[Entrega]) -> Mapping[int, str]:
        return lembretes.motivos_de_nao_lembrar(feitas, timezone.localdate())

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        feitas = [Entrega(pk=operacao.pedido["entrega"], lembrete=operacao) for operacao in operacoes]
        Entrega.objects.bulk_update(feitas, ["lembrete"], batch_size=1000)

    def marcar_enviada(self, operacao: Operacao) -> None:
        Entrega.objects.filter(pk=operacao.pedido["entrega"]).update(lembrada_em=Now())

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.lembretes(palco, quantas)


def _anexo(guia: Guia) -> tuple[str, bytes, str]:
    """The PDF, once it has been opened and compared with the guia."""
    if guia.documento is None:
        raise ProviderRefused("A guia não tem PDF guardado. Emita-a de novo.", codigo="NAO-ENVIAR")
    try:
        conteudo = abrir_documento(guia.documento)
    except ArquivoForaDoAr as erro:
        raise ProviderUnavailable(str(erro), codigo="ARQUIVO") from erro
    except ArquivoCorrompido as erro:
        raise ProviderRefused(f"{erro} Nada foi enviado.", codigo="NAO-ENVIAR") from erro
    if guia.examinada_em is None:
        barras.completar([guia])
    if guia.problema:
        raise ProviderRefused(f"O PDF não confere com a guia: {guia.problema}", codigo="NAO-ENVIAR")
    return guia.documento.nome, conteudo, guia.documento.mime
