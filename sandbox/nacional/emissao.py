"""POST /nfse: from the DPS on the wire to the signed NFS-e, in the order in which the service checks."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.nacional import (
    assinatura,
    cadastro,
    chaves,
    distribuicao,
    esquema,
    livro,
    nfse,
    pacote,
    regras,
)
from sandbox.nacional.arvore import Campos
from sandbox.nacional.assinatura import DA_DPS, elemento
from sandbox.nacional.codigos import Recusa, mensagem
from sandbox.nacional.eventos import registro
from sandbox.nacional.eventos.catalogo import SUBSTITUICAO
from sandbox.nacional.models import Nota
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.regras.exame import Exame
from sandbox.nacional.regras.substituicao import substituida
from sandbox.nacional.texto_xml import campo, se_houver
from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao, proximo


@dataclass(frozen=True)
class Declaracao:
    """A DPS that passed its schema: the bytes as they came, and its fields."""

    xml: bytes
    raiz: pacote.Arvore
    campos: Campos
    id_dps: str

    @property
    def prestador(self) -> str:
        return self.campos.um_de("prest", "CNPJ", "CPF")


def ler(codificada: object, opcoes: Opcoes) -> Declaracao:
    """Raises Recusa of the wire, of the XML or of the schema."""
    xml = pacote.abrir(codificada, opcoes["descompressao_maxima"])
    raiz = pacote.ler(xml)
    esquema.conferir(raiz, "DPS")
    informacoes = elemento(raiz, "infDPS")
    campos = Campos(informacoes)
    campos.instante("dhEmi")
    campos.dia("dCompet")
    return Declaracao(xml, raiz, campos, informacoes.get("Id", ""))


def emitir(declaracao: Declaracao, opcoes: Opcoes, agora: datetime, tag: str, *, web: bool = False) -> Nota:
    """Raises Recusa of the signature, or with all the business rules that do not hold."""
    if not web:
        informacoes = declaracao.campos.elemento
        assinatura.conferir(declaracao.raiz, informacoes, declaracao.prestador, DA_DPS, agora)
    with gravacao():
        registro_do_prestador = cadastro.inscrito(declaracao.prestador)
        exame = Exame(declaracao.campos, declaracao.id_dps, agora, opcoes, registro_do_prestador, web)
        mensagens = regras.conferir(exame)
        if rapido.existe("SELECT 1 FROM nacional_nota WHERE id_dps = %s LIMIT 1", [declaracao.id_dps]):
            mensagens.append(mensagem("E0014"))
        if mensagens:
            raise Recusa(400, *mensagens)
        return _gravar(exame, declaracao, agora, tag)


def _gravar(exame: Exame, declaracao: Declaracao, agora: datetime, tag: str) -> Nota:
    dps, opcoes = exame.dps, exame.opcoes
    municipio = dps.texto("cLocEmi")
    numero = proximo(f"nacional_nfse_{exame.prestador}")
    chave = chaves.nova(municipio, exame.prestador, numero, agora, opcoes["semente"])
    numeracao = nfse.Numeracao(chave, numero, proximo(f"nacional_dfse_{municipio}"))
    antiga = substituida(exame) if dps.tem("subst") else None
    nota = rapido.inserir(
        Nota(
            chave=chave,
            id_dps=exame.id_dps,
            emitente=exame.prestador,
            tomador=exame.tomador,
            intermediario=exame.intermediario,
            municipio=municipio,
            serie=dps.texto("serie"),
            numero_dps=int(dps.texto("nDPS")),
            numero=numero,
            competencia=exame.competencia,
            valor=exame.valores.servico,
            liquido=exame.valores.liquido,
            emissao=agora,
            substitui=antiga.chave if antiga else "",
            xml=nfse.compor(exame, declaracao.xml, numeracao).decode(),
            tag=tag,
        )
    )
    livro.da_nota(livro.AUTORIZADA, nota, agora, tag)
    distribuicao.distribuir(nota, agora)
    if antiga is not None:
        _cancelar_por_substituicao(antiga, nota, dps, opcoes, agora, tag)
    return nota


def _cancelar_por_substituicao(
    antiga: Nota, nova: Nota, dps: Campos, opcoes: Opcoes, agora: datetime, tag: str
) -> None:
    miolo = (
        campo("cMotivo", dps.texto("subst/cMotivo"))
        + se_houver("xMotivo", dps.texto("subst/xMotivo"))
        + campo("chSubstituta", nova.chave)
    )
    pedido = registro.pedido_do_sistema(antiga, SUBSTITUICAO, miolo, opcoes, agora)
    registro.registrar(antiga, SUBSTITUICAO, pedido, antiga.emitente, opcoes, agora, tag)
