"""The one-page PDF of a note, of its cancellation and of a preview. All say SEM VALOR FISCAL."""

from sandbox.documentos import mascara_cnpj
from sandbox.integranotas.models import Emitente, Nota
from sandbox.integranotas.notas import pedido
from sandbox.municipios import municipio
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.pdf import caixa, direita, linha, marca_dagua, montar, reais, texto

_ESQUERDA, _LARGURA = 40, 515
_POR_LINHA = 95
_LINHAS_DE_TEXTO = 22
_TITULO = "Nota Fiscal de Serviços Eletrônica - NFS-e"

_MOLDURA = (
    marca_dagua("SEM VALOR FISCAL")
    + "0.6 w\n"
    + caixa(_ESQUERDA, 36, _LARGURA, 44)
    + texto(48, 54, _TITULO, tamanho=13, fonte="negrito")
    + texto(48, 71, "Sandbox - documento de teste, SEM VALOR FISCAL")
    + caixa(_ESQUERDA, 88, _LARGURA, 72)
    + linha(_ESQUERDA, 124, _ESQUERDA + _LARGURA, 124)
    + caixa(_ESQUERDA, 166, _LARGURA, 40)
    + caixa(_ESQUERDA, 212, _LARGURA, 54)
    + caixa(_ESQUERDA, 272, _LARGURA, 420)
    + "".join(
        texto(x, y, rotulo, tamanho=7)
        for x, y, rotulo in (
            (46, 98, "Número"),
            (180, 98, "Autorizada em"),
            (330, 98, "Código de verificação"),
            (46, 134, "RPS (série/número)"),
            (180, 134, "Competência"),
            (330, 134, "Município"),
            (46, 176, "Prestador"),
            (46, 222, "Tomador"),
            (46, 284, "Serviços"),
        )
    )
)


def _documento(numero: str) -> str:
    if len(numero) == 14:
        return mascara_cnpj(numero)
    return f"{numero[:3]}.{numero[3:6]}.{numero[6:9]}-{numero[9:]}"


def _identidade(nota: Nota, emitente: Emitente) -> list[str]:
    lugar = municipio(nota.municipio)
    autorizada = nota.autorizada.astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M:%S") if nota.autorizada else "PRÉVIA"
    return [
        texto(46, 114, str(nota.numero_nfse or "-"), tamanho=11, fonte="fixa_negrito"),
        texto(180, 114, autorizada, tamanho=10, fonte="fixa"),
        texto(330, 114, nota.codigo_verificacao or "-", tamanho=10, fonte="fixa"),
        texto(46, 150, f"{nota.serie}/{nota.numero}", tamanho=10, fonte="fixa"),
        texto(180, 150, nota.competencia.strftime("%m/%Y"), tamanho=10, fonte="fixa"),
        texto(330, 150, f"{lugar.nome}/{lugar.uf}" if lugar else nota.municipio, tamanho=10),
        texto(46, 194, f"{_documento(emitente.documento)}  {str(emitente.dados.get('razao') or '')[:70]}", tamanho=10),
    ]


def _do_tomador(nota: Nota) -> list[str]:
    tomador = nota.pedido["tomador"]
    lugar = tomador["endereco"]
    endereco = f"{lugar['logradouro']}, {lugar['numero']} - {lugar['bairro']} - {lugar['uf']} - CEP {lugar['cep']}"
    return [
        texto(46, 240, f"{_documento(nota.tomador)}  {tomador['razao_social'][:70]}", tamanho=10),
        texto(46, 256, endereco[:100], tamanho=9),
    ]


def _servicos(nota: Nota) -> list[str]:
    partes, y = [], 302.0
    for servico in pedido.linhas(nota.pedido)[:8]:
        cabeca = f"{servico.get('codigo') or servico.get('codigo_tributacao_municipio')}"
        partes += [texto(46, y, cabeca, fonte="fixa"), direita(548, y, f"R$ {servico['valor_servicos']}")]
        for trecho in _quebrar(servico["discriminacao"])[: max(1, _LINHAS_DE_TEXTO // 8)]:
            y += 12
            partes.append(texto(60, y, trecho))
        y += 16
    partes.append(texto(46, 682, "Valor total", fonte="negrito"))
    partes.append(direita(548, 682, f"R$ {reais(nota.valor)}", fonte="fixa_negrito"))
    return partes


def _quebrar(conteudo: str) -> list[str]:
    limpo = " ".join(conteudo.split())
    return [limpo[inicio : inicio + _POR_LINHA] for inicio in range(0, len(limpo), _POR_LINHA)] or [""]


def _cancelamento(nota: Nota) -> list[str]:
    if nota.cancelada is None:
        return []
    quando = nota.cancelada.astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M:%S")
    return [
        texto(46, 716, f"CANCELADA em {quando}", tamanho=14, fonte="negrito"),
        texto(46, 734, f"Motivo {nota.codigo_cancelamento}: {nota.motivo_cancelamento}"[:100]),
    ]


def desenhar(nota: Nota, emitente: Emitente) -> bytes:
    partes = [_MOLDURA, *_identidade(nota, emitente), *_do_tomador(nota), *_servicos(nota), *_cancelamento(nota)]
    return montar("".join(partes), titulo=f"NFS-e {nota.numero_nfse or 'prévia'} - SEM VALOR FISCAL")
