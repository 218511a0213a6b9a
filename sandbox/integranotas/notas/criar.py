"""Create, preview and substitute: a document goes to the town hall, or is only drawn."""

from sandbox.integranotas import arquivos, codigos
from sandbox.integranotas.comportamento import MUNICIPAL, RECUSAR, TEMPO_ESGOTADO, Comportamento, da_nota
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.emitentes import certificados
from sandbox.integranotas.envelope import Recusa, Resultado, faltas
from sandbox.integranotas.models import PROCESSANDO, Nota
from sandbox.integranotas.notas import cancelar, chaves, estados, papeis, respostas, xml
from sandbox.integranotas.notas.pedido import Pedido, ler
from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao

_EXISTENTE = "emitente_id = %s AND serie = %s AND numero = %s"


def comportamento(ctx: Contexto) -> Comportamento:
    tomador = ctx.corpo.get("tomador")
    documento = (tomador.get("cnpj") or tomador.get("cpf") or "") if isinstance(tomador, dict) else ""
    ibge = str(ctx.emitente.dados.get("cmun") or "")
    return da_nota(ctx.opcoes, ibge, ctx.emitente.comportamento, str(documento))


def criar(ctx: Contexto) -> Resultado:
    plano = comportamento(ctx)
    return _emitir(ctx, ler(ctx.corpo, ctx.versao, plano, ctx.opcoes), plano)


def substituir(ctx: Contexto) -> Resultado:
    """The new note is issued and the old one cancelled in one call; the old one falls with the authorisation."""
    plano = comportamento(ctx)
    cancelamento = cancelar.ler_motivo(ctx.corpo, plano.padrao)
    lido = ler(ctx.corpo, ctx.versao, plano, ctx.opcoes)
    antiga = respostas.achar(ctx, ctx.corpo.get("chave"))
    cancelar.exigir_autorizada(antiga)
    if not plano.substitui:
        raise Recusa(codigos.NAO_OFERECIDO, "A prefeitura não oferece substituição: cancele e emita outra nota.")
    resultado = _emitir(ctx, lido, plano, substitui=antiga.chave, cancelamento=cancelamento)
    if ctx.opcoes["substitui_aninhado"]:
        return Resultado(resultado.codigo, resultado.mensagem, {"nfse": resultado.corpo})
    return resultado


def previa(ctx: Contexto) -> Resultado:
    """The PDF that issuing would give. Reserves nothing."""
    plano = comportamento(ctx)
    lido = ler(ctx.corpo, ctx.versao, plano, ctx.opcoes)
    _conferir_emitente(ctx, plano)
    nota = _nota(ctx, lido, plano)
    comprimido = arquivos.comprime(ctx.opcoes)
    corpo = {"pdf": arquivos.codificar(papeis.desenhar(nota, ctx.emitente), comprimido=comprimido)}
    if ctx.versao == 1:
        corpo["xml"] = arquivos.codificar(xml.desenhar(nota, ctx.emitente), comprimido=comprimido)
    return Resultado(codigos.FEITO, "Prévia gerada. Nenhum documento foi emitido.", corpo)


def _nota(ctx: Contexto, lido: Pedido, plano: Comportamento) -> Nota:
    return Nota(
        emitente=ctx.emitente,
        serie=lido.serie,
        numero=lido.numero,
        versao=ctx.versao,
        pedido=lido.corpo,
        comportamento=plano.como_dict(),
        municipio=str(ctx.emitente.dados.get("cmun") or lido.municipio),
        tomador=lido.tomador,
        valor=lido.valor,
        emissao=lido.emissao,
        competencia=lido.competencia,
        criada=ctx.agora,
        tag=ctx.tag,
    )


def _conferir_emitente(ctx: Contexto, plano: Comportamento) -> None:
    """What the emitente's own record lacks is told as missing data too."""
    dados = ctx.emitente.dados
    if not (dados.get("documentos") or {}).get("nfse"):
        raise Recusa(codigos.NAO_HABILITADO, "O emitente não está habilitado para NFS-e: inclua documentos.nfse.")
    exigidos = ["razao", "cmun", *(["im"] if plano.padrao == MUNICIPAL else [])]
    exigidos += ["login_prefeitura", "senha_prefeitura"] if plano.login else []
    if ausentes := [f"emitente.{campo}" for campo in exigidos if not dados.get(campo)]:
        raise faltas(ausentes)
    if plano.certificado:
        certificados.exigir_valido(ctx.emitente, ctx.agora)


def _emitir(
    ctx: Contexto,
    lido: Pedido,
    plano: Comportamento,
    *,
    substitui: str = "",
    cancelamento: tuple[str, str] = ("", ""),
) -> Resultado:
    _conferir_emitente(ctx, plano)
    nota = _nota(ctx, lido, plano)
    nota.codigo_cancelamento, nota.motivo_cancelamento = cancelamento
    nota.substitui = substitui
    perdida = plano.desfecho == TEMPO_ESGOTADO
    with gravacao():
        _recusar_existente(nota)
        if plano.desfecho == RECUSAR and plano.segundos == 0:
            raise Recusa(plano.codigo, plano.mensagem)
        nota.chave = _chave(ctx, nota)
        if perdida and not plano.sobrevive:
            estados.enterrar(nota, ctx.agora, codigos.TEMPO_ESGOTADO, "O documento não foi emitido.", contada=True)
        else:
            _gravar(ctx, nota, plano)
    if perdida:
        raise Recusa(codigos.TEMPO_ESGOTADO, "A prefeitura não respondeu a tempo.", {"chave": nota.chave})
    if nota.situacao == PROCESSANDO:
        return Resultado(codigos.PROCESSANDO, "Documento enviado à prefeitura.", {"chave": nota.chave})
    return respostas.da_nota(nota, ctx)


def _recusar_existente(nota: Nota) -> None:
    existente = rapido.primeiro(Nota, _EXISTENTE, [nota.emitente_id, nota.serie, nota.numero])
    if existente is not None:
        texto = f"Já existe o documento de série {nota.serie} e número {nota.numero}: consulte a chave."
        raise Recusa(codigos.EXISTE, texto, {"chave": respostas.chave_de(existente)})


def _chave(ctx: Contexto, nota: Nota) -> str:
    tamanho = chaves.tamanho(ctx.opcoes)
    return chaves.nova(
        tamanho, documento=ctx.emitente.documento, ibge=nota.municipio, numero=nota.numero, instante=ctx.agora
    )


def _gravar(ctx: Contexto, nota: Nota, plano: Comportamento) -> None:
    """Issued at once, or left to the town. Inside `gravacao`."""
    antiga = estados.substituida(nota)
    if nota.substitui and antiga is None:  # changed since it was read
        raise Recusa(codigos.SITUACAO, "A nota a substituir não está mais autorizada.", {"chave": nota.substitui})
    if plano.segundos != 0:
        rapido.inserir(nota)
        if plano.segundos is not None:
            estados.agendar(estados.DECISAO, nota, ctx.agora, plano.segundos)
        return
    estados.numerar(nota, ctx.emitente, ctx.agora, ctx.tag)
    estados.autorizar(nota, ctx.agora, chave_digitos=ctx.opcoes["chave_digitos"])
    rapido.inserir(nota)
    if antiga is not None:
        estados.substituir(antiga, nota, ctx.emitente, ctx.agora)
    if ctx.opcoes["aviso_sincrono"]:
        estados.avisar_autorizada(nota, ctx.agora)
