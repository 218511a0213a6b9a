"""Table 102: saving, testing and deleting a Credencial. Secrets come in, are sealed, and never go out again."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from comum import auditoria, segredos
from comum.cofre import CofreErro
from comum.documentos import mascarar
from comum.formatos import format_data
from comum.models import Usuario
from credentials.models import Credencial, Gravacao, ItemRascunho, Vinculo
from credentials.providers import serpro
from credentials.services import certificados
from credentials.services.acesso import acesso_de
from credentials.services.certificados import CertificadoNovo
from operacoes import motor, relogio
from operacoes.conexao import Teste
from operacoes.errors import AccessDenied, ProviderError
from operacoes.http import Chamadas
from operacoes.models import Operacao

_SERPRO = "do SERPRO"
PRAZO_DO_TESTE = 20.0  # seconds, every phase of the log-in counted
ROTULOS = {
    "descricao": "descrição",
    "tipo_certificado": "tipo do certificado",
    "certificado": "certificado",
    "consumer_key": "Consumer Key",
    "consumer_secret": "Consumer Secret",
    "ativa": "ativa",
}
# Changes that may mend what paused the credencial's access.
RETOMAM = {"tipo_certificado", "certificado", "consumer_key", "consumer_secret", "ativa"}


@dataclass(frozen=True, repr=False)
class DadosCredencial:
    """What the form of table 102 brings. Empty key, secret or certificate: keep what is stored."""

    codigo: int
    descricao: str
    tipo_certificado: str
    ativa: bool
    consumer_key: str = ""
    consumer_secret: str = ""
    certificado: CertificadoNovo | None = None


class CredencialMudou(Exception):
    """Somebody saved the credencial after it was opened; the text (pt-BR) names who, when and what."""


class CredencialErro(Exception):
    """Not possible; the text is pt-BR for the screen. `campo` is the form field it belongs to, or empty."""

    def __init__(self, mensagem: str, campo: str = "") -> None:
        super().__init__(mensagem)
        self.campo = campo


def proximo_codigo() -> int:
    return (Credencial.objects.aggregate(maior=Max("codigo"))["maior"] or 0) + 1


def salvar(
    *, usuario: Usuario, dados: DadosCredencial, credencial: Credencial | None = None, versao: int = 0
) -> Credencial:
    """Create, or alter the version that was read. Lifts the pause of its access, if there is one.

    Raises CredencialMudou when `versao` is no longer the stored one, CredencialErro when a field is not acceptable.
    """
    try:
        with transaction.atomic():
            salva, mudados = _gravar(usuario, dados, credencial, versao)
            if salva.ativa and RETOMAM & set(mudados):
                motor.retomar(salva.acesso, usuario)
    except IntegrityError as erro:  # two people took the same code at once
        raise CredencialErro(f"O código {dados.codigo} já é de outra credencial.", "codigo") from erro
    return salva


def _gravar(
    usuario: Usuario, dados: DadosCredencial, credencial: Credencial | None, versao: int
) -> tuple[Credencial, list[str]]:
    if credencial is None:
        if Credencial.objects.filter(codigo=dados.codigo).exists():
            raise CredencialErro(
                f"O código {dados.codigo} já é de outra credencial. Use o {proximo_codigo()}.", "codigo"
            )
        atual = Credencial(id=uuid4(), codigo=dados.codigo)
    else:
        atual = Credencial.objects.select_for_update().get(pk=credencial.pk)
        if atual.versao != versao:
            raise CredencialMudou(
                f"{quem_mudou(atual)}, depois que você a abriu. "
                "O que você digitou continua aqui: confira e grave de novo para valer o seu."
            )
        atual.versao += 1
    anterior = atual.certificado
    mudados = _aplicar(atual, dados)
    if credencial is not None and not mudados:
        atual.versao = versao
        return atual, mudados
    atual.alterada_em = Now()
    atual.save(force_insert=credencial is None)
    if anterior is not None and anterior.pk != atual.certificado_id:
        certificados.descartar(usuario, [anterior.pk])
    verbo = "incluir" if credencial is None else "alterar"
    auditoria.registrar(
        usuario=usuario,
        acao=f"credencial.{verbo}",
        objeto=atual,
        resumo=f"Credencial {atual}: {', '.join(ROTULOS[campo] for campo in mudados)}",
        dados={"campos": mudados, "versao": atual.versao},
    )
    return atual, mudados


def _aplicar(credencial: Credencial, dados: DadosCredencial) -> list[str]:
    """Put the new values in place; returns the names of the fields that changed."""
    mudados = [
        campo
        for campo in ("descricao", "tipo_certificado", "ativa")
        if credencial._state.adding or getattr(credencial, campo) != getattr(dados, campo)
    ]
    credencial.descricao, credencial.ativa = dados.descricao, dados.ativa
    credencial.tipo_certificado = dados.tipo_certificado
    if dados.certificado is not None:
        _trocar_certificado(credencial, dados.certificado)
        mudados.append("certificado")
    elif dados.tipo_certificado == Credencial.TipoCertificado.A3 and credencial.certificado_id:
        credencial.certificado = None
        mudados.append("certificado")
    if dados.consumer_key:
        segredos.selar(credencial, "consumer_key", dados.consumer_key)
        mudados.append("consumer_key")
    if dados.consumer_secret:
        segredos.selar(credencial, "consumer_secret", dados.consumer_secret)
        credencial.secret_trocado_em = timezone.now()
        mudados.append("consumer_secret")
    return mudados


def _trocar_certificado(credencial: Credencial, novo: CertificadoNovo) -> None:
    lido = novo.lido
    if len(lido.documento) != 14:
        raise CredencialErro(
            f"O certificado é de pessoa física ({lido.titular}). O Integra Contador pede o e-CNPJ do contratante.",
            "certificado",
        )
    outro = credencial.contratante and credencial.contratante != lido.documento
    if outro and credencial.vinculos.exists():
        raise CredencialErro(
            f"O certificado é do CNPJ {mascarar(lido.documento)}, e esta credencial, que já tem empresas, é do "
            f"contratante {credencial.contratante_mascarado}. Cadastre outra credencial para o outro contratante.",
            "certificado",
        )
    credencial.certificado = certificados.guardar(novo.conteudo, novo.senha, lido)
    credencial.contratante, credencial.contratante_nome = lido.documento, lido.titular


def quem_mudou(credencial: Credencial) -> str:
    """The last change of the credencial, in words: who, when and which fields."""
    return auditoria.quem_mudou(
        credencial, acao="credencial.alterar", nome="esta credencial", quando=credencial.alterada_em, rotulos=ROTULOS
    )


def do_mesmo_contratante(credencial: Credencial) -> QuerySet[Credencial]:
    """Other credenciais of the same CNPJ: allowed, but seldom meant."""
    outras = Credencial.objects.exclude(pk=credencial.pk)
    return outras.filter(contratante=credencial.contratante) if credencial.contratante else outras.none()


def testar(*, usuario: Usuario, credencial: Credencial) -> Teste:
    """Log in at SERPRO with what is stored, whatever the token cache holds. No transaction is open meanwhile.

    Raises CredencialMudou when somebody saved the credencial during the log-in, CredencialErro when it was deleted:
    the outcome is then of keys that are no longer there, and nothing is kept of it.
    """
    teste = _autenticar(credencial)
    _gravar_teste(usuario, credencial, teste)
    return teste


@transaction.atomic
def _gravar_teste(usuario: Usuario, credencial: Credencial, teste: Teste) -> None:
    testada = Credencial.objects.filter(pk=credencial.pk, versao=credencial.versao).update(
        testada_em=Now(), testada_por=usuario, teste_ok=teste.ok, teste_resultado=teste.mensagem
    )
    if not testada:
        atual = Credencial.objects.filter(pk=credencial.pk).first()
        if atual is None:
            raise CredencialErro(f"A credencial {credencial} foi excluída durante o teste.")
        raise CredencialMudou(f"{quem_mudou(atual)}, durante o teste. O resultado não vale mais: teste de novo.")
    auditoria.registrar(
        usuario=usuario,
        acao="credencial.testar",
        objeto=credencial,
        resumo=f"Teste de conexão da credencial {credencial}: {'conectou' if teste.ok else teste.mensagem}",
        dados={"ok": teste.ok},
    )
    if teste.ok:
        motor.retomar(credencial.acesso, usuario)


def _autenticar(credencial: Credencial) -> Teste:
    inicio = time.monotonic()
    try:
        acesso = acesso_de(credencial)
        if acesso.bearer_publico:
            return Teste(True, "Este ambiente usa o acesso público de demonstração do SERPRO: não há o que autenticar.")
        serpro.autenticar(acesso, Chamadas(tag=uuid4().hex, deadline=relogio.segundos() + PRAZO_DO_TESTE))
    except AccessDenied as erro:
        return Teste.falhou(erro, _SERPRO)
    except ProviderError as erro:
        return Teste.falhou(erro, _SERPRO, " A credencial pode estar certa: tente de novo em alguns minutos.")
    return Teste(
        True,
        f"Conectou: o SERPRO aceitou o certificado e as chaves em {time.monotonic() - inicio:.1f} s.".replace(
            ".", ",", 1
        ),
    )


def chave_mascarada(credencial: Credencial) -> str:
    """The Consumer Key with only its last 4 characters, or empty."""
    try:
        return "•••• " + segredos.abrir_texto(credencial, "consumer_key")[-4:]
    except segredos.SegredoAusente:
        return ""
    except CofreErro:
        return "não abre com as chaves deste servidor"


@transaction.atomic
def excluir(*, usuario: Usuario, credencial: Credencial) -> None:
    """Delete a credencial that nothing refers to. Raises CredencialErro with the reason and the way out."""
    travada = Credencial.objects.select_for_update().get(pk=credencial.pk)
    if quantas := Vinculo.objects.filter(credencial=travada).count():
        raise CredencialErro(
            f"A credencial {travada} tem {quantas} empresa{'s' if quantas > 1 else ''} e não pode ser excluída. "
            "Torne-a inativa, ou exclua as empresas dela na janela API Integra Contador."
        )
    if (
        Gravacao.objects.filter(credencial=travada).exists()
        or Operacao.objects.filter(acesso=travada.acesso).exists()
        or ItemRascunho.objects.filter(rascunho__credencial=travada).exists()
    ):
        raise CredencialErro(
            f"A credencial {travada} já foi usada, e o histórico precisa dela. Torne-a inativa em vez de excluir."
        )
    auditoria.registrar(
        usuario=usuario, acao="credencial.excluir", objeto=travada, resumo=f"Credencial {travada} excluída"
    )
    certificado = travada.certificado_id
    travada.delete()
    if certificado is not None:
        certificados.descartar(usuario, [certificado])


def situacao_de(credencial: Credencial) -> tuple[str, str]:
    """(tone, words) of the credencial's certificate, for a chip."""
    certificado = credencial.certificado
    if credencial.tipo_certificado == Credencial.TipoCertificado.A3:
        return "atencao", "A3: fora do servidor, sem chamadas"
    if certificado is None:
        return "erro", "Sem certificado"
    ate = format_data(timezone.localtime(certificado.valido_ate))
    if certificado.vencido:
        return "erro", f"Certificado venceu em {ate}"
    if certificado.dias_para_vencer <= 30:
        dias = certificado.dias_para_vencer
        return "atencao", f"Certificado vence em {dias} dia{'s' if dias != 1 else ''} ({ate})"
    return "ok", f"Certificado válido até {ate}"


def dias_do_secret(credencial: Credencial) -> int | None:
    """Days since the Secret was stored, None when there is none."""
    if credencial.secret_trocado_em is None:
        return None
    return (timezone.localdate() - timezone.localdate(credencial.secret_trocado_em)).days


def dados_publicos(credencial: Credencial) -> dict[str, Any]:
    """What a screen may show of a credencial's secrets: when they were stored, never what they are."""
    return {
        "situacao": situacao_de(credencial),
        "secret_em": credencial.secret_trocado_em,
        "secret_dias": dias_do_secret(credencial),
        "tem_key": bool(credencial.consumer_key),
        "tem_secret": bool(credencial.consumer_secret),
    }
