"""Seeded emitentes and pedidos with which the fault harness exercises the administration of Integra Notas."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import uuid4

from stdnum.br import cnpj as stdnum_cnpj

from comum import segredos
from credentials.services import certificados
from empresas.models import Empresa, Municipio, Regime, RegimeEmpresa
from nfse.ensaio.notas import canal_de, emitidas
from nfse.models import CanalNfse, ContaSofthouse, Nota, TipoCanal
from nfse.services import administracao
from nfse.services.canais import proximo_codigo
from operacoes.ensaio import Palco
from operacoes.motor import NovaOperacao

MUNICIPIO = "3550308"
# The software house may do 5 things a minute: with an account for each few of them the rehearsal does not wait.
_POR_CONTA = 2
_CADASTRO = {"nome": "Ensaio", "razao": "Ensaio Ltda"}


def pedidos(palco: Palco, tipo: str, quantas: int) -> Sequence[NovaOperacao]:
    """About as many intents of one kind, each about an emitente of its own."""
    if tipo == administracao.CERTIFICADO:
        return _de_certificado(palco, quantas)
    if tipo == administracao.CONFLITO:
        return [_conflito(nota) for nota in emitidas(palco, TipoCanal.INTEGRANOTAS, quantas)]
    if tipo == administracao.CRIAR:
        canais = _canais(palco, quantas, com_token=False)
        return [_nova(tipo, canal, _conta(canal).acesso, {"cadastro": _CADASTRO}) for canal in canais]
    canais = _canais(palco, quantas)
    if tipo == administracao.REMOVER:
        return [_nova(tipo, canal, _conta(canal).acesso, {}) for canal in canais]
    proprio: dict[str, dict[str, Any]] = {
        administracao.ALTERAR: {"cadastro": {"telefone": "8133334444"}},
        administracao.WEBHOOK: {"webhook": "http://127.0.0.1:9/notas/aviso/"},
        administracao.TOKEN: {},
    }
    return [_nova(tipo, canal, canal.acesso, proprio[tipo]) for canal in canais]


def _nova(tipo: str, canal: CanalNfse, por: str, proprio: dict[str, Any], vez: int = 1) -> NovaOperacao:
    return NovaOperacao(
        tipo=tipo,
        chave=f"{tipo}:{canal.codigo}:{vez}",
        pedido={"canal": str(canal.pk), "documento": canal.empresa.documento, **proprio},
        acesso=por,
        empresa_id=canal.empresa_id,
    )


def _conta(canal: CanalNfse) -> ContaSofthouse:
    assert canal.conta is not None  # noqa: S101 - _canais() gave it one
    return canal.conta


def _canais(palco: Palco, quantas: int, *, com_token: bool = True) -> list[CanalNfse]:
    """Canais with an account for each few; their emitentes are known to the sandbox when they have a token."""
    feitos: list[CanalNfse] = []
    numeros = list(islice(palco.numeros, quantas))
    for inicio in range(0, quantas, _POR_CONTA):
        numero, conta = _nova_conta(palco, numeros[inicio])
        grupo = [_canal(n, conta) for n in numeros[inicio : inicio + _POR_CONTA]]
        if com_token:
            _cadastrar(palco, numero, grupo)
        for canal in grupo:
            canal.save(force_insert=True)
        feitos += grupo
    return feitos


def _nova_conta(palco: Palco, numero: int) -> tuple[int, ContaSofthouse]:
    criada = palco.controle("integranotas/contas", {"nome": f"Ensaio {numero}"})
    conta = ContaSofthouse(id=uuid4(), nome=f"Ensaio {numero}")
    segredos.selar(conta, "token", criada["token"])
    conta.save(force_insert=True)
    return int(criada["id"]), conta


def _canal(numero: int, conta: ContaSofthouse, documento: str = "") -> CanalNfse:
    doze = f"8{numero:07d}0001"
    empresa = Empresa.objects.create(
        codigo=f"N{numero}",
        documento=documento or doze + stdnum_cnpj.calc_check_digits(doze),
        razao_social=f"Ensaio de notas {numero:05d} Ltda",
        regime=Regime.PRESUMIDO,
        municipio=Municipio.objects.get(pk=MUNICIPIO),
    )
    RegimeEmpresa.objects.create(empresa=empresa, regime=Regime.PRESUMIDO, desde=date(2020, 1, 1))
    return CanalNfse(
        id=uuid4(), codigo=proximo_codigo(), empresa=empresa, tipo=TipoCanal.INTEGRANOTAS, conta=conta, serie="1"
    )


def _cadastrar(palco: Palco, conta: int, canais: Sequence[CanalNfse]) -> None:
    """The sandbox's emitentes of these canais, in its account of this number."""
    emitentes = [{"documento": canal.empresa.documento, "municipio": MUNICIPIO} for canal in canais]
    criados = palco.controle("integranotas/emitentes", {"conta": conta, "emitentes": emitentes})["emitentes"]
    tokens = {emitente["documento"]: emitente["token"] for emitente in criados}
    for canal in canais:
        segredos.selar(canal, "token", tokens[canal.empresa.documento])


def _de_certificado(palco: Palco, quantas: int) -> list[NovaOperacao]:
    """The sandbox has A1 files for its contratantes only: each is sent several times."""
    novas = []
    contratantes = palco.controle("contratantes", None)["contratantes"]
    for contratante, numero in zip(contratantes, palco.numeros, strict=False):
        id_da_conta, conta = _nova_conta(palco, numero)
        canal = _canal(numero, conta, contratante["cnpj"])
        _cadastrar(palco, id_da_conta, [canal])
        canal.save(force_insert=True)
        pfx = palco.baixar(contratante["a1"])
        lido = certificados.ler_pfx(pfx, contratante["senha"])
        guardado = certificados.guardar(pfx, contratante["senha"], lido)
        proprio = {"certificado": str(guardado.pk)}
        vezes = range(1, 2 + quantas // len(contratantes))
        novas += [_nova(administracao.CERTIFICADO, canal, canal.acesso, proprio, vez) for vez in vezes]
    return novas[:quantas]


def _conflito(nota: Nota) -> NovaOperacao:
    """The XML that the town hall has of a note is the one it came with."""
    canal, proprio = canal_de(nota), {"nota": nota.pk, "chave": nota.chave, "xml": str(nota.xml_id)}
    return _nova(administracao.CONFLITO, canal, canal.acesso, proprio, nota.pk)
