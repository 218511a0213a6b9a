"""Companies that issue notes at the simulators: their channels, who takes their services, and drafts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from empresas.models import Carteira, Empresa, Municipio
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from nfse.providers.sisgenfe import Atividade
from nfse.services import referencias
from nfse.services.emissao import com_tudo, emitir, prevoo
from nfse.services.notas import DadosItem, DadosNota, gravar
from operacoes.models import A_TRABALHAR, Operacao
from operacoes.motor import execucao
from tests.cast import cnpj_valido, criar_empresa
from tests.sandbox_fixture import SandboxVivo

BARREIROS = "2601409"
APP, USUARIO, SENHA = "chave-do-aplicativo", "ana", "senha da ana"
CONSULTORIA = Atividade(78, "Consultoria", "0161-0/01", "7.13")


def empresa_com_canal(numero: int, tipo: str, carteira: Carteira | None = None, **campos: Any) -> CanalNfse:
    """A company of the Lucro Presumido in Barreiros, with its channel."""
    empresa = criar_empresa(numero, carteira=carteira, regime="presumido", municipio=BARREIROS, letras=numero % 2 == 0)
    canal = CanalNfse(codigo=numero, empresa=empresa, tipo=tipo, **campos)
    if tipo == TipoCanal.SISGENFE:
        canal.usuario = USUARIO
        segredos.selar(canal, "senha", SENHA)
        segredos.selar(canal, "chave_aplicacao", APP)
    elif not canal.token:
        segredos.selar(canal, "token", "token-inventado")
    canal.save()
    return canal


def canal_no_sisgenfe(sandbox: SandboxVivo, numero: int, **campos: Any) -> CanalNfse:
    """A channel whose prestador the simulator knows, with one atividade read."""
    canal = empresa_com_canal(numero, TipoCanal.SISGENFE, **campos)
    prestador = {"cnpj": canal.empresa.documento, "usuario": USUARIO, "senha": SENHA, "app": APP}
    sandbox.controle.post("sisgenfe/prestadores", {"prestadores": [prestador]})
    referencias.guardar(canal, [CONSULTORIA])
    return canal


def tomador_de(empresa: Empresa, numero: int = 1, **campos: Any) -> Tomador:
    padrao = {
        "documento": cnpj_valido(70_000 + numero),
        "nome": f"Tomador Inventado {numero:03d} SA",
        "logradouro": "Rua do Sol",
        "numero": "100",
        "bairro": "Centro",
        "cep": "55560000",
        "municipio": Municipio.objects.get(pk=BARREIROS),
    }
    return Tomador.objects.create(empresa=empresa, **(padrao | campos))


def item(valor: str = "1000.00", **campos: Any) -> DadosItem:
    padrao: dict[str, Any] = {"descricao": "Consultoria do mês", "item_lc116": "7.13", "atividade": CONSULTORIA.id}
    return DadosItem(valor_unitario=Decimal(valor), **(padrao | campos))


def rascunho(
    canal: CanalNfse, usuario: Usuario, *itens: DadosItem, tomador: Tomador | None = None, **campos: Any
) -> Nota:
    hoje = timezone.localdate()
    dados: dict[str, Any] = {"competencia": hoje.replace(day=1), "emissao": hoje}
    return gravar(
        DadosNota(
            empresa=canal.empresa,
            tomador=tomador or canal.empresa.tomadores.first() or tomador_de(canal.empresa),
            municipio_prestacao=Municipio.objects.get(pk=BARREIROS),
            itens=itens or (item(),),
            **(dados | campos),
        ),
        usuario,
    )


def emitir_ja(*notas: Nota, usuario: Usuario) -> None:
    """Submit what the pré-voo lets go, and work until nothing is due."""
    pks = [nota.pk for nota in notas]
    emitir(pks, usuario, marca=prevoo(com_tudo(pks)).marca)
    trabalhar()


def trabalhar(voltas: int = 30) -> None:
    """Drain every bucket in this thread until nothing is due; waits are brought forward, and a doubt's past moved back
    until the service can hold no more surprise."""
    for _ in range(voltas):
        abertas = Operacao.objects.filter(situacao__in=A_TRABALHAR)
        abertas.update(proxima_em=Now(), enviada_ate=F("enviada_ate") - timedelta(hours=1))
        baldes = sorted(set(abertas.values_list("balde", flat=True)))
        if not baldes:
            return
        for balde in baldes:
            execucao.drenar(balde, 20)


OUTUBRO = date(2026, 10, 1)


def canal_no_integranotas(sandbox: SandboxVivo, numero: int, *, versao: int = 1, **prefeitura: Any) -> CanalNfse:
    """A channel whose emitente the simulator knows; `prefeitura` is how its town treats the notes."""
    canal = empresa_com_canal(numero, TipoCanal.INTEGRANOTAS, serie="1", versao_emissao=versao)
    conta = sandbox.controle.get("integranotas/contas")["contas"][0]
    corpo = {"conta": conta["id"], "emitentes": [{"documento": canal.empresa.documento, **prefeitura}]}
    (cadastrado,) = sandbox.controle.post("integranotas/emitentes", corpo).json()["emitentes"]
    segredos.selar(canal, "token", cadastrado["token"])
    canal.save()
    return canal
