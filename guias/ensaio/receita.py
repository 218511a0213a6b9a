"""Seeded questions and yearly effects with which the fault harness exercises what the Receita is asked and told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from stdnum.br import cpf as stdnum_cpf

from credentials.models import Credencial, Vinculo
from empresas.models import Empresa
from guias.ensaio import SERVICO, competencia, credenciais_do_palco, empresas_vinculadas
from guias.models import DeclaracaoDefis, MensagemEcac, OpcaoRegime, RascunhoDefis, Renuncia
from guias.services import prevoo
from guias.services.acesso import partes_de
from guias.services.acoes import Acao
from guias.services.pedidos import Pedido, do_contador, partes_para_json
from guias.services.redesim import RENUNCIAS, VINCULOS, nova_consulta
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao

_ENVIADA = datetime(2026, 1, 5, 12, tzinfo=UTC)


def no_livro(operacao: Operacao, tipo: str, *, pa: str = "", documento: str = "") -> NoLivro:
    numero = str((operacao.resposta or {}).get("numero", ""))
    contribuinte = operacao.pedido["partes"]["contribuinte"]
    return NoLivro(SERVICO, tipo, contribuinte, pa, numero, documentos=(documento,))


def pela_tela(acao: Acao, novas: Sequence[NovaOperacao], **parametros: str) -> Sequence[PelaTela]:
    """The companies marked in their list, the pré-voo and its confirmation."""
    marcadas = tuple(("ids", str(nova.empresa_id)) for nova in novas)
    campos = (*marcadas, *parametros.items())
    return [PelaTela(reverse("guias:pedir", args=[acao.value]), campos)] if marcadas else []


def perguntas(palco: Palco, acao: Acao, quantas: int, **parametros: str) -> Sequence[NovaOperacao]:
    return _da_previa(palco, acao, empresas_vinculadas(palco, quantas), parametros)


def _da_previa(
    palco: Palco, acao: Acao, todas: Sequence[Empresa], parametros: Mapping[str, str]
) -> Sequence[NovaOperacao]:
    return prevoo.prevoo(acao, todas, competencia(palco), parametros=parametros).novas


def _contar(palco: Palco, **listas: list[dict[str, Any]]) -> None:
    palco.controle("avisos", listas)


def _contado(palco: Palco, o_que: str, de: Sequence[Empresa]) -> dict[str, Any]:
    """What the sandbox numbered, by document: the last message, DEFIS or renúncia of each."""
    documentos = ",".join(empresa.documento for empresa in de)
    lidos: dict[str, Any] = palco.controle(f"avisos?documentos={documentos}", None)[o_que]
    return lidos


def _mensagens(palco: Palco, todas: Sequence[Empresa]) -> None:
    corpo = "<p>A declaração de ++1++ foi recebida.</p>"
    _contar(
        palco,
        mensagens=[
            {"documento": e.documento, "assunto": "Aviso ++VARIAVEL++", "corpo": corpo, "variaveis": ["2025"]}
            for e in todas
        ],
    )


def listas_de_mensagens(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    todas = empresas_vinculadas(palco, quantas)
    _mensagens(palco, todas)
    return _da_previa(palco, Acao.MENSAGENS, todas, {})


def _pergunta(palco: Palco, tipo: str, empresa: Empresa, extra: Pedido, *, contador: bool = False) -> NovaOperacao:
    vinculo = Vinculo.objects.select_related("credencial").get(empresa=empresa)
    partes = partes_de(vinculo, empresa)
    mes = competencia(palco)
    return NovaOperacao(
        tipo=tipo,
        chave=f"{tipo}:ensaio:{empresa.pk}",
        pedido={
            "partes": partes_para_json(do_contador(partes) if contador else partes),
            "competencia": mes.isoformat(),
            **extra,
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=empresa.pk,
        competencia=mes,
    )


def mensagens_a_abrir(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """One of each empresa, whose number at the Receita is known by listing them while nothing goes wrong."""
    todas = empresas_vinculadas(palco, quantas)
    _mensagens(palco, todas)
    isns = _contado(palco, "mensagens", todas)
    novas = []
    for empresa in todas:
        isn = isns[empresa.documento]
        mensagem = MensagemEcac.objects.create(empresa=empresa, isn=isn, assunto="Aviso 2025", enviada_em=_ENVIADA)
        novas.append(
            _pergunta(palco, "guias.caixapostal.ler", empresa, {"mensagem": mensagem.pk, "isn": isn, "chave": isn})
        )
    return novas


def _ano(palco: Palco) -> int:
    return palco.hoje.year - 1


def transmissoes_de_defis(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Companies with the PGDAS-D of every month; half of them had a DEFIS already, so that a repeat is one more."""
    ano, todas = _ano(palco), empresas_vinculadas(palco, quantas)
    palco.controle("relogio", {"deslocamento_segundos": -86_400})
    meses = [{"pa": ano * 100 + mes, "interno": "1000.00"} for mes in range(1, 13)]
    palco.controle(
        "cadastro",
        {"contribuintes": [{"documento": e.documento, "abertura": None, "declarados": meses} for e in todas]},
    )
    retificam = todas[: quantas // 2]
    _contar(palco, defis=[{"documento": e.documento, "ano": ano} for e in retificam])
    palco.controle("relogio", {"real": True})
    lidas = _contado(palco, "defis", retificam)
    DeclaracaoDefis.objects.bulk_create(
        [DeclaracaoDefis(empresa=e, ano=ano, numero=lidas[e.documento]) for e in retificam]
    )
    RascunhoDefis.objects.bulk_create(
        [RascunhoDefis(empresa=e, ano=ano, dados=rascunho(n), alterado_por=palco.usuario) for n, e in enumerate(todas)]
    )
    novas = list(_da_previa(palco, Acao.TRANSMITIR_DEFIS, todas[quantas // 2 :], {"ano": str(ano)}))
    for empresa in retificam:
        parametros = {"ano": str(ano), "retifica": lidas[empresa.documento]}
        novas += _da_previa(palco, Acao.TRANSMITIR_DEFIS, [empresa], parametros)
    return novas


def rascunho(numero: int) -> Pedido:
    """A DEFIS of one partner, as it would be typed."""
    nove = f"{100_000_000 + numero:09d}"
    cpf = next(nove + f"{d:02d}" for d in range(100) if stdnum_cpf.is_valid(nove + f"{d:02d}"))
    return {"socios": [{"cpf": cpf, "participacao": "100,00", "isentos": "1.000,00"}], "empregados_inicio": "1"}


def ultimas_defis(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Half of them have a DEFIS of the year."""
    ano, todas = _ano(palco), empresas_vinculadas(palco, quantas)
    _contar(palco, defis=[{"documento": e.documento, "ano": ano} for e in todas[::2]])
    return _da_previa(palco, Acao.ULTIMA_DEFIS, todas, {"ano": str(ano)})


def defis_a_buscar(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    ano, todas = _ano(palco), empresas_vinculadas(palco, quantas)
    _contar(palco, defis=[{"documento": e.documento, "ano": ano} for e in todas])
    lidas = _contado(palco, "defis", todas)
    novas = []
    for empresa in todas:
        numero = lidas[empresa.documento]
        declaracao = DeclaracaoDefis.objects.create(empresa=empresa, ano=ano, numero=numero)
        extra = {"declaracao": declaracao.pk, "numero": numero, "ano": ano}
        novas.append(_pergunta(palco, "guias.defis.documentos", empresa, extra))
    return novas


def opcoes_de_regime(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    return perguntas(palco, Acao.OPTAR_REGIME, quantas, ano=str(palco.hoje.year + 1), regime="CAIXA")


def demonstrativos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    ano, todas = palco.hoje.year, empresas_vinculadas(palco, quantas)
    _contar(palco, regimes=[{"documento": e.documento, "ano": ano, "regime": "COMPETENCIA"} for e in todas])
    OpcaoRegime.objects.bulk_create([OpcaoRegime(empresa=e, ano=ano, regime="COMPETENCIA") for e in todas])
    return [_pergunta(palco, "guias.regime.demonstrativo", e, {"ano": ano}) for e in todas]


def resolucoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    ano = palco.hoje.year
    extra = {"ano": ano, "chave": str(ano)}
    return [_pergunta(palco, "guias.regime.resolucao", e, extra) for e in empresas_vinculadas(palco, quantas)]


# -- the office at the Redesim ----------------------------------------------------------------------------------------


def _vincular_na_redesim(palco: Palco, todas: Sequence[Empresa]) -> None:
    contratantes = dict(Vinculo.objects.filter(empresa__in=todas).values_list("empresa_id", "credencial__contratante"))
    _contar(palco, vinculos=[{"contador": contratantes[e.pk], "documento": e.documento} for e in todas])


def _renunciar(palco: Palco, todas: Sequence[Empresa]) -> None:
    """Vínculos of the contratantes that were given up a while ago."""
    _vincular_na_redesim(palco, todas)
    contratantes = dict(Vinculo.objects.filter(empresa__in=todas).values_list("empresa_id", "credencial__contratante"))
    _contar(palco, renuncias=[{"contador": contratantes[e.pk], "documento": e.documento} for e in todas])


def consultas_de_vinculos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    _vincular_na_redesim(palco, empresas_vinculadas(palco, 3))
    return _consultas(VINCULOS, palco, quantas)


def consultas_de_renuncias(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    _renunciar(palco, empresas_vinculadas(palco, 3))
    return _consultas(RENUNCIAS, palco, quantas)


def _consultas(tipo: str, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    todas: list[Credencial] = credenciais_do_palco(palco)
    return [nova_consulta(tipo, todas[n % len(todas)], f"ensaio:{n}") for n in range(quantas)]


def renuncias(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    todas = empresas_vinculadas(palco, quantas)
    _vincular_na_redesim(palco, todas)
    return _da_previa(palco, Acao.RENUNCIAR, todas, _RESPONSAVEL)


_RESPONSAVEL = {"responsavel": "11144477735", "ciente": "1"}


def pela_tela_da_renuncia(novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
    return pela_tela(Acao.RENUNCIAR, novas, **_RESPONSAVEL)


def comprovantes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Renúncias that were granted a while ago."""
    todas = empresas_vinculadas(palco, quantas)
    _renunciar(palco, todas)
    numeros = _contado(palco, "renuncias", todas)
    por_empresa = dict(Vinculo.objects.filter(empresa__in=todas).values_list("empresa_id", "credencial_id"))
    novas = []
    for empresa in todas:
        numero = numeros[empresa.documento]
        feita = Renuncia.objects.create(
            empresa=empresa,
            credencial_id=por_empresa[empresa.pk],
            numero=numero,
            feita_em=_ENVIADA + timedelta(days=1),
        )
        extra = {"renuncia": feita.pk, "numero": numero}
        novas.append(_pergunta(palco, "guias.redesim.comprovante", empresa, extra, contador=True))
    return novas
