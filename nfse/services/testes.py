"""*Testar*: whether a canal opens its service and is the empresa's own, in words that a person can act on."""

import contextlib
import time

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from comum import auditoria
from comum.documentos import mascarar
from comum.formatos import contar, format_data
from comum.models import Usuario
from empresas.models import Regime
from nfse.models import CanalNfse, TipoCanal
from nfse.providers.nacional.identificadores import id_dps
from nfse.services import acesso, convenios, emissores, nacional, parametros
from nfse.services.canais import CanalErro, CanalMudou, quem_mudou
from nfse.services.regras import Rotas
from operacoes import avulsas, motor
from operacoes.conexao import Teste
from operacoes.errors import AccessDenied, ProviderError, ProviderUnavailable
from operacoes.http import Chamadas, host_of

PRAZO = 30.0  # seconds, the wait for a turn counted


def testar(*, canal: CanalNfse, usuario: Usuario) -> Teste:
    """Open the service with what is stored. No transaction is open meanwhile. A test that passes lifts the pause of the
    canal's access.

    Raises CanalMudou when somebody saved the canal during the test: the outcome is then of what is no longer there.
    """
    teste = _abrir(canal)
    if teste.ok and canal.tipo == TipoCanal.NACIONAL:
        with contextlib.suppress(ProviderError):  # kept with the reading: the page of the canal tells it
            parametros.ler_do_canal(canal)
    _gravar(usuario, canal, teste)
    return teste


@transaction.atomic
def _gravar(usuario: Usuario, canal: CanalNfse, teste: Teste) -> None:
    testado = CanalNfse.objects.filter(pk=canal.pk, alterado_em=canal.alterado_em).update(
        testado_em=Now(), testado_por=usuario, teste_ok=teste.ok, teste_resultado=teste.mensagem[:600]
    )
    if not testado:
        atual = CanalNfse.objects.filter(pk=canal.pk).first()
        if atual is None:
            raise CanalErro(f"O canal {canal.codigo} foi excluído durante o teste.")
        raise CanalMudou(f"{quem_mudou(atual)}, durante o teste. O resultado não vale mais: teste de novo.")
    auditoria.registrar(
        usuario=usuario,
        acao="canal.testar",
        objeto=canal,
        resumo=f"Teste de conexão do canal {canal.codigo}: {'conectou' if teste.ok else teste.mensagem}",
        dados={"ok": teste.ok},
    )
    if teste.ok:
        motor.retomar(canal.acesso, usuario)


def _abrir(canal: CanalNfse) -> Teste:
    de_quem = TipoCanal(canal.tipo).com("d")
    inicio = time.monotonic()
    try:
        limites = acesso.limites_do_acesso(canal.acesso, TipoCanal(canal.tipo))
        visto = avulsas.ler(lambda chamadas: _olhar(canal, chamadas), limites, prazo=PRAZO)
    except AccessDenied as erro:
        return Teste.falhou(erro, de_quem)
    except ProviderUnavailable as erro:
        return Teste.falhou(erro, de_quem, " O canal pode estar certo: tente de novo em alguns minutos.")
    except ProviderError as erro:
        return Teste.falhou(erro, de_quem)
    segundos = f"{time.monotonic() - inicio:.1f} s".replace(".", ",")
    return Teste(visto.ok, f"{visto.mensagem} Resposta em {segundos}." if visto.ok else visto.mensagem)


def _olhar(canal: CanalNfse, chamadas: Chamadas) -> Teste:
    if canal.tipo == TipoCanal.SISGENFE:
        return _sisgenfe(canal, chamadas)
    if canal.tipo == TipoCanal.NACIONAL:
        return _nacional(canal, chamadas)
    return _integranotas(canal, chamadas)


def _sisgenfe(canal: CanalNfse, chamadas: Chamadas) -> Teste:
    cliente = acesso.abrir_sisgenfe(canal)
    cliente.login(chamadas=chamadas)
    atividades = cliente.atividades(chamadas=chamadas)
    if not atividades:
        return Teste(
            True,
            "Conectou: o SISGENF-e aceitou o usuário, mas não mostra nenhuma atividade do prestador. Sem atividade a "
            "nota é recusada: peça à prefeitura que as libere.",
        )
    quantas = contar(len(atividades), "atividade", "atividades")
    return Teste(True, f"Conectou: o SISGENF-e aceitou o usuário e mostra {quantas} do prestador.")


def _nacional(canal: CanalNfse, chamadas: Chamadas) -> Teste:
    """The agreement of the empresa's município and of those where the ISS of its drafts is due, which the pré-voo
    needs; then a question that only a good certificate may ask."""
    aberto = acesso.abrir_nacional(canal)
    aberto.assinante.conferir(canal.empresa.documento)  # what the handshake would refuse without saying why
    cliente = aberto.cliente
    proprio = canal.empresa.municipio_id or ""
    convenios_lidos = {
        municipio: nacional.guardar_convenio(municipio, cliente.parametros.convenio(municipio, chamadas=chamadas))
        for municipio in convenios.municipios_de(canal)
    }
    numero = canal.proximo_numero
    ja_usado = cliente.sefin.existe_dps(
        id_dps(proprio, canal.empresa.documento, canal.serie or "1", numero), chamadas=chamadas
    )
    emissor = emissores.endereco_de(proprio)
    hoje = timezone.localdate().replace(day=1)
    mei = Rotas([canal.empresa]).regime(canal.empresa, hoje) == Regime.MEI  # issues nationally wherever it is
    if not convenios_lidos[proprio].emite and not emissor and not mei:
        return Teste(
            False,
            f"A NFS-e Nacional aceitou o certificado, mas {canal.empresa.municipio} não usa o emissor nacional: emita "
            "pelo sistema do município.",
        )
    if ja_usado:
        return Teste(
            False,
            f"A NFS-e Nacional aceitou o certificado, mas já tem nota com o próximo número, {canal.serie}/{numero}: "
            "outro sistema usa esta série. Use Numeração, e informe outra série ou um número maior.",
        )
    if emissor:
        return Teste(True, f"Conectou: o emissor próprio do município, em {host_of(emissor)}, aceitou o certificado.")
    if mei:
        return Teste(True, "Conectou: a NFS-e Nacional aceitou o certificado.")
    return Teste(True, "Conectou: a NFS-e Nacional aceitou o certificado, e o município usa o emissor nacional.")


def _integranotas(canal: CanalNfse, chamadas: Chamadas) -> Teste:
    cliente = acesso.abrir_integranotas(canal)
    emitente = cliente.emitente(chamadas=chamadas)
    if emitente.documento and emitente.documento != canal.empresa.documento:
        return Teste(
            False,
            f"O token é do emitente {mascarar(emitente.documento)} ({emitente.razao or emitente.nome}), e esta empresa "
            f"é {canal.prestador_mascarado}. Informe o token do emitente certo.",
        )
    certificado = cliente.certificado(chamadas=chamadas)
    if not certificado.presente:
        dito = ", mas não tem certificado do emitente: se o município pede um, envie-o na aba Certificado"
    elif certificado.validade is None:
        dito = " e tem certificado do emitente, sem dizer até quando"
    elif certificado.validade < timezone.localdate():
        dito = f", mas o certificado do emitente venceu em {format_data(certificado.validade)}: envie o renovado"
    else:
        dito = f" e tem certificado do emitente, válido até {format_data(certificado.validade)}"
    return Teste(True, f"Conectou: o Integra Notas aceitou o token{dito}.")
