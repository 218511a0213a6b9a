"""The administration of Integra Notas: emitentes, certificate, token, webhook, notes in conflict.

A pedido has no secret: {"canal": pk, "documento": CPF or CNPJ, ...}. What has to be secret is opened by `preparar`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import abrir as abrir_documento
from comum import segredos
from comum.cofre import CofreErro
from credentials.models import CertificadoA1
from nfse.ensaio import administracao as ensaio
from nfse.ensaio import informar_token, no_livro
from nfse.models import CanalNfse, EventoNota
from nfse.providers.integranotas import IntegraNotas, Softhouse
from nfse.providers.integranotas.cadastro import CadastroEmitente, CertificadoNoServico, EmitenteNoServico, TokenNovo
from nfse.providers.interface import NotaNoServico
from nfse.services import acesso as acessos
from nfse.services import administracao, canais, registro
from nfse.services.historia import contar
from nfse.services.limites import limites_integranotas, limites_softhouse
from operacoes.ensaio import NoLivro, NoSandbox, Palco
from operacoes.errors import AccessDenied, Alcance, ProviderRefused
from operacoes.handlers import (
    Aconteceu,
    Conferencia,
    Handler,
    Limite,
    NaoAconteceu,
    NaoSei,
    ProximaAcao,
    registrar,
)
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao
from operacoes.motor import NovaOperacao
from operacoes.ritmo import no_ritmo

Pedido = dict[str, Any]

_CONSOLE = "No console do Integra Notas (gestao.integranotas.com.br, ou hom-gestao no ambiente de homologação)"


@dataclass(frozen=True)
class Sessao:
    """What a call needs: the client of the emitente's token or of the software house's, and what was opened for it."""

    emitente: IntegraNotas | None = None
    conta: Softhouse | None = None
    prefeitura: Mapping[str, str] = field(default_factory=dict, repr=False)
    pfx: bytes = field(default=b"", repr=False)
    senha: str = field(default="", repr=False)
    xml: bytes = field(default=b"", repr=False)


class AdministracaoHandler(Handler):
    """One administrative effect on the emitente of a canal."""

    servico, nome_do_servico = "integranotas", "Integra Notas"
    classe = Classe.GRATIS
    prazo_total = no_ritmo(timedelta(seconds=85))
    demora_maxima = timedelta(minutes=settings.INTEGRANOTAS_DEMORA_MAXIMA_MINUTOS)
    no_sandbox = NoSandbox(lambda pedido: {"contribuinte": pedido["documento"]}, consertar=informar_token)

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        da_conta = acesso.startswith(acessos.PREFIXO_SOFTHOUSE)
        return limites_softhouse(acesso) if da_conta else limites_integranotas(acesso)

    def rotulo_acesso(self, acesso: str) -> str:
        return acessos.rotulo_acesso(acesso)

    def url_do_acesso(self, acesso: str) -> str:
        return acessos.url_do_acesso(acesso)

    def acesso_mudou(self, acesso: str, desde: datetime) -> bool:
        return acessos.acesso_mudou(acesso, desde)

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return ProximaAcao(
            "Corrija o que as palavras do serviço apontam e peça de novo no canal.",
            "Abrir os canais",
            reverse("nfse:canais"),
        )

    def preparar(self, operacao: Operacao) -> Sessao:
        if operacao.acesso.startswith(acessos.PREFIXO_SOFTHOUSE):
            return Sessao(conta=acessos.abrir_softhouse(acessos.conta_de(operacao.acesso)))
        return Sessao(emitente=acessos.abrir_integranotas(acessos.canal_de(operacao.acesso)))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.pedidos(palco, self.tipo, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return NoLivro(self.servico, self.efeito_no_livro, operacao.pedido["documento"])


class _Repetivel(AdministracaoHandler):
    """What changes nothing when it is done again with the same: out of doubt it simply is."""

    efeito = Efeito.DOCUMENTO
    muda = True
    prova = ""


def _canal(operacao: Operacao) -> CanalNfse:
    return canais.travar(CanalNfse(pk=UUID(operacao.pedido["canal"])))


def _recusar(mensagem: str, codigo: str) -> ProviderRefused:
    return ProviderRefused(f"{mensagem} Nada foi enviado.", codigo=codigo)


def cadastro_do_pedido(pedido: Pedido, prefeitura: Mapping[str, str]) -> CadastroEmitente:
    """The record as approved, with the access to the town hall that the canal keeps."""
    campos: dict[str, Any] = {**pedido["cadastro"], **prefeitura}
    if (aliquota := campos.get("aliquota_simples")) is not None:
        campos["aliquota_simples"] = Decimal(aliquota)
    return CadastroEmitente(documento=pedido["documento"], **campos)


def _prefeitura(operacao: Operacao) -> dict[str, str]:
    """What the canal keeps for the emitente's log-in at the town hall, where the pedido asks for it to be sent."""
    if not operacao.pedido.get("prefeitura"):
        return {}
    canal = CanalNfse.objects.get(pk=operacao.pedido["canal"])
    abertos = {"login_prefeitura": canal.usuario, "client_id_prefeitura": canal.opcoes.get(canais.CLIENT_ID, "")}
    try:
        if canal.senha:
            abertos["senha_prefeitura"] = segredos.abrir_texto(canal, "senha")
        if canal.chave_aplicacao:
            abertos["client_secret_prefeitura"] = segredos.abrir_texto(canal, "chave_aplicacao")
    except CofreErro as erro:
        raise _cofre(canal) from erro
    return {nome: valor for nome, valor in abertos.items() if valor}


def _cofre(canal: CanalNfse) -> AccessDenied:
    return AccessDenied(
        f"Os segredos do canal {canal.codigo} não abrem com as chaves deste servidor (COFRE_CHAVES). Restaure a chave "
        "antiga ou informe-os de novo.",
        alcance=Alcance.EMPRESA,
        codigo="COFRE",
    )


# -- the record of the emitente --------------------------------------------------------------------------------------


@registrar
class CriarEmitente(AdministracaoHandler):
    """Register an emitente. Its document is its key there: a second one is refused."""

    tipo, rotulo = administracao.CRIAR, "Criar emitente"
    efeito = Efeito.UNICO
    efeito_no_livro = "emitente_criado"
    prova = "O emitente com este CNPJ ou CPF está cadastrado na conta de software house."
    onde_conferir = f"{_CONSOLE}, Emitentes: procure o CNPJ ou CPF da empresa."
    numero_da_prova = "CNPJ ou CPF do emitente, como aparece lá"

    def preparar(self, operacao: Operacao) -> Sessao:
        conta = acessos.abrir_softhouse(acessos.conta_de(operacao.acesso))
        return Sessao(conta=conta, prefeitura=_prefeitura(operacao))

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> EmitenteNoServico:
        assert sessao.conta is not None  # noqa: S101 - preparar() opened it
        return sessao.conta.criar(cadastro_do_pedido(pedido, sessao.prefeitura), chamadas=chamadas)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        assert sessao.conta is not None  # noqa: S101 - preparar() opened it
        achado = sessao.conta.mostrar(pedido["documento"], chamadas=chamadas)
        return Aconteceu(achado) if achado else NaoAconteceu("O serviço não tem emitente com este documento.")

    def aplicar(self, operacao: Operacao, resposta: EmitenteNoServico) -> dict[str, Any]:
        canal = _canal(operacao)
        if not resposta.token:
            return {"canal": canal.codigo, "token": "não veio: copie-o do console e informe-o no canal"}
        canais.guardar_token(canal, resposta.token, operacao.usuario)
        return {"canal": canal.codigo, "token": "guardado no canal"}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, EmitenteNoServico(operacao.pedido["documento"]))

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        if "5008" in grupo:
            return ProximaAcao(
                "O emitente já existe na software house: abra a conta e use Recuperar o token.",
                "Abrir a software house",
                reverse("nfse:softhouse"),
            )
        return super().proxima_acao(grupo, operacoes_url)


@registrar
class AlterarEmitente(_Repetivel):
    """Change fields of the emitente's record, by its own token or by the software house's."""

    tipo, rotulo = administracao.ALTERAR, "Alterar emitente"
    efeito_no_livro = "emitente_alterado"
    onde_conferir = f"{_CONSOLE}, Emitentes, abra o emitente e compare os dados. Pedir de novo grava os mesmos dados."

    def preparar(self, operacao: Operacao) -> Sessao:
        sessao = super().preparar(operacao)
        return Sessao(sessao.emitente, sessao.conta, _prefeitura(operacao))

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> EmitenteNoServico:
        cadastro = cadastro_do_pedido(pedido, sessao.prefeitura)
        if sessao.conta is not None:
            return sessao.conta.atualizar(cadastro, chamadas=chamadas)
        assert sessao.emitente is not None  # noqa: S101 - one of the two
        return sessao.emitente.atualizar_emitente(cadastro, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: EmitenteNoServico) -> dict[str, Any]:
        return {"campos": sorted(operacao.pedido["cadastro"])}


@registrar
class RemoverEmitente(AdministracaoHandler):
    """Remove an emitente: refused from then on, and purged with all its notes 30 days later."""

    tipo, rotulo = administracao.REMOVER, "Remover emitente"
    efeito = Efeito.UNICO
    efeito_no_livro = "emitente_removido"
    prova = "O emitente aparece entre os removidos, e não entre os ativos, da conta de software house."
    onde_conferir = (
        f"{_CONSOLE}, Emitentes: procure o CNPJ ou CPF entre os ativos; só se não estiver lá, entre os removidos."
    )
    numero_da_prova = "Data da remoção, como aparece lá"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> str:
        assert sessao.conta is not None  # noqa: S101 - the software house's access
        return sessao.conta.remover(pedido["documento"], chamadas=chamadas)

    def conferir(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        assert sessao.conta is not None  # noqa: S101 - the software house's access
        # The active ones first: an older removal of the same document stays among the removed for 30 days.
        if any(e.documento == pedido["documento"] for e in sessao.conta.ativos(chamadas=chamadas)):
            return NaoAconteceu("O emitente ainda está entre os ativos.")
        if any(e.documento == pedido["documento"] for e in sessao.conta.removidos(chamadas=chamadas)):
            return Aconteceu("Removido.")
        return NaoSei(
            no_ritmo(timedelta(minutes=10)),
            "O Integra Notas não mostra o emitente entre os ativos nem entre os removidos.",
        )

    def aplicar(self, operacao: Operacao, resposta: str) -> dict[str, Any]:
        canal = _canal(operacao)
        if canal.ativo:
            canal.ativo = False
            canais.gravar(operacao.usuario, canal, ["ativo"], f"Canal {canal.codigo} inativado: emitente removido")
        return {"canal": canal.codigo, "expurgo": "30 dias depois da remoção"}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, evidencia)


# -- certificate, token, webhook --------------------------------------------------------------------------------------


@registrar
class EnviarCertificado(_Repetivel):
    """Send the emitente's A1, opened only for the call."""

    tipo, rotulo = administracao.CERTIFICADO, "Enviar certificado"
    efeito_no_livro = "certificado_enviado"
    onde_conferir = f"{_CONSOLE}, Emitentes, Certificado: a validade. Enviar de novo o mesmo certificado não muda nada."

    def preparar(self, operacao: Operacao) -> Sessao:
        canal = acessos.canal_de(operacao.acesso)
        certificado = CertificadoA1.objects.filter(pk=operacao.pedido["certificado"]).first()
        if certificado is None:
            raise _recusar("O certificado deste pedido não está mais guardado. Envie o atual.", "CERTIFICADO-AUSENTE")
        if certificado.vencido:
            raise _recusar("O certificado venceu antes do envio. Envie o renovado.", "CERTIFICADO-VENCIDO")
        try:
            pfx, senha = segredos.abrir(certificado, "pfx"), segredos.abrir_texto(certificado, "senha")
        except CofreErro as erro:
            raise _cofre(canal) from erro
        return Sessao(emitente=acessos.abrir_integranotas(canal), pfx=pfx, senha=senha)

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> CertificadoNoServico:
        assert sessao.emitente is not None  # noqa: S101 - preparar() opened it
        return sessao.emitente.enviar_certificado(sessao.pfx, sessao.senha, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: CertificadoNoServico) -> dict[str, Any]:
        canal = _canal(operacao)
        CanalNfse.objects.filter(pk=canal.pk).update(certificado_enviado_em=Now())
        validade = resposta.validade.isoformat() if resposta.validade else ""
        return {"canal": canal.codigo, "validade": validade}


@registrar
class TrocarToken(AdministracaoHandler):
    """Replace the emitente's token: one call, whose answer is the only place where the new one stands."""

    tipo, rotulo = administracao.TOKEN, "Trocar o token"
    efeito = Efeito.UNICO
    efeito_no_livro = "token_trocado"
    prova = ""
    onde_conferir = (
        f"{_CONSOLE}, Emitentes, Token: copie o token em vigor e informe-o em Alterar, no canal; ou abra a conta em "
        "Software house e use Recuperar o token. Depois responda: Aconteceu, se o token de lá não é mais o antigo; Não "
        "aconteceu, se o antigo ainda conecta em Testar. Não aconteceu troca de novo."
    )
    numero_da_prova = "Como se viu que o token mudou (nunca escreva o token aqui)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> TokenNovo:
        assert sessao.emitente is not None  # noqa: S101 - preparar() opened it
        return sessao.emitente.trocar_token(chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: TokenNovo) -> dict[str, Any]:
        canal = _canal(operacao)
        canais.guardar_token(canal, resposta.token, operacao.usuario)
        return {"canal": canal.codigo, "token": "o novo está guardado no canal"}

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        partes = [parte for parte in numero.split() if len(parte) > _PALAVRA]
        return "Isto parece um token, e o que se escreve aqui fica à vista. Diga só como se viu." if partes else ""

    def repetivel(self, grupo: str) -> bool:
        return False


_PALAVRA = 40  # characters: nobody writes a longer word, and every token is one


@registrar
class RegistrarWebhook(_Repetivel):
    """Tell the service where its avisos go."""

    tipo, rotulo = administracao.WEBHOOK, "Registrar endereço dos avisos"
    efeito_no_livro = "webhook_registrado"
    onde_conferir = f"{_CONSOLE}, Emitentes, Webhook: o endereço. Registrar de novo o mesmo endereço não muda nada."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> str:
        assert sessao.emitente is not None  # noqa: S101 - preparar() opened it
        return sessao.emitente.registrar_webhook(pedido["webhook"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: str) -> dict[str, Any]:
        canal = _canal(operacao)
        canal.opcoes = {
            **canal.opcoes,
            "webhook": {"url": operacao.pedido["webhook"], "em": timezone.now().isoformat(timespec="seconds")},
        }
        CanalNfse.objects.filter(pk=canal.pk).update(opcoes=canal.opcoes)
        return {"canal": canal.codigo, "webhook": operacao.pedido["webhook"]}


@registrar
class AcertarConflito(_Repetivel):
    """Give the service the town hall's XML of a note, and take over what it then says of it."""

    tipo, rotulo = administracao.CONFLITO, "Acertar nota com o XML da prefeitura"
    efeito_no_livro = "nfse_sincronizada"
    no_sandbox = replace(
        AdministracaoHandler.no_sandbox,
        alvo=lambda pedido: {"contribuinte": pedido["documento"], "operacao": "nfse_conflito"},
    )
    onde_conferir = f"{_CONSOLE}, Notas: a situação da nota. Enviar de novo o mesmo XML não muda nada."

    def preparar(self, operacao: Operacao) -> Sessao:
        documento = Documento.objects.get(pk=operacao.pedido["xml"])
        return Sessao(
            emitente=acessos.abrir_integranotas(acessos.canal_de(operacao.acesso)), xml=abrir_documento(documento)
        )

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> NotaNoServico:
        assert sessao.emitente is not None  # noqa: S101 - preparar() opened it
        return sessao.emitente.conflito(pedido["chave"], sessao.xml, chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: NotaNoServico) -> dict[str, Any]:
        nota = registro.travada(operacao.pedido["nota"])
        documentos = registro.relida(nota, resposta, operacao)
        contar(nota, EventoNota.Tipo.RELIDA, usuario=operacao.usuario, operacao=operacao, texto=resposta.mensagem)
        return {"nota": nota.pk, "situacao": nota.situacao, "documentos": [str(d.pk) for d in documentos]}

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return no_livro(operacao, self.efeito_no_livro)
