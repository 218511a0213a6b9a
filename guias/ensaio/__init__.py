"""Seeded companies, apurações and pedidos with which the fault harness exercises the handlers of this app."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urljoin

from django.urls import reverse
from django.utils import timezone
from stdnum.br import cnpj as stdnum_cnpj

from comum import segredos
from comum.models import Adicional
from credentials.models import Autor, CertificadoA1, Credencial, Servico, Vinculo
from credentials.services import certificados
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime, RegimeEmpresa
from guias.models import Apuracao, Guia, Receita
from guias.services import aprovacao, prevoo
from guias.services.acesso import partes_de
from guias.services.acoes import Acao
from guias.services.calculo import recalcular
from guias.services.das import nova_operacao_das, prazo_das
from guias.services.pedidos import Pedido, partes_para_json
from operacoes import motor
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, execucao

SERVICO = "integra_contador"
_SERVICOS = list(Servico)
_LOTE = 500
_PROCURADORES = ("52998224725", "11144477735", "39053344705", "12345678909")
_SENHA = "a-do-procurador"


def competencia(palco: Palco) -> date:
    """The last month that has ended."""
    return somar_meses(palco.hoje.replace(day=1), -1)


def no_livro(operacao: Operacao, tipo: str, *, numero: str = "", tambem: tuple[str, ...] = ()) -> NoLivro:
    contribuinte = operacao.pedido["partes"]["contribuinte"]
    pa = operacao.pedido["competencia"][:7].replace("-", "")
    return NoLivro(SERVICO, tipo, contribuinte, pa, numero, tambem)


def pela_tela(acao: Acao, novas: Sequence[NovaOperacao], *, sem: frozenset[str] = frozenset()) -> Sequence[PelaTela]:
    """The companies marked in the month's list, the pré-voo and its confirmation."""
    marcadas = tuple(("ids", str(nova.empresa_id)) for nova in novas)
    return [PelaTela(reverse("guias:agir", args=[acao.value]), marcadas, sem)] if marcadas else []


def simulacoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    mes = competencia(palco)
    return prevoo.prevoo(Acao.SIMULAR, _com_receita(palco, quantas, mes), mes).novas


def transmissoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Half of them rectify, which the Receita takes as often as it is sent: there a repeat is a second declaration.
    After half of them the DAS follows."""
    mes = competencia(palco)
    empresas = _com_receita(palco, quantas, mes)
    retificam = empresas[: quantas // 2]
    _declarar_no_portal(palco, retificam, mes, Decimal("1200.00"))
    apuracoes = list(Apuracao.objects.filter(empresa__in=retificam, competencia=mes).select_related("empresa"))
    for apuracao in apuracoes:
        apuracao.retificadora, apuracao.revisao = True, 2
        apuracao.id_declaracao = _numero_no_portal(apuracao.empresa, mes)
    Apuracao.objects.bulk_update(apuracoes, ["retificadora", "revisao", "id_declaracao"], batch_size=_LOTE)
    aprovacao.aprovar(empresas, mes, palco.usuario, diferentes=set())
    return [
        *prevoo.prevoo(Acao.TRANSMITIR, empresas[::2], mes, das_em_seguida=True).novas,
        *prevoo.prevoo(Acao.TRANSMITIR, empresas[1::2], mes).novas,
    ]


def emissoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    return [_das(palco, apuracao, vinculo) for apuracao, vinculo in _transmitidas(palco, quantas)]


def perguntas(palco: Palco, tipo: str, quantas: int) -> Sequence[NovaOperacao]:
    """A question about each of as many transmitted apurações."""
    return [
        _pergunta(tipo, apuracao, vinculo, 1, {"apuracao": apuracao.pk, "numero": apuracao.id_declaracao})
        for apuracao, vinculo in _transmitidas(palco, quantas)
    ]


def anos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """The year of companies of which half declared elsewhere."""
    mes = competencia(palco)
    empresas = _com_receita(palco, quantas, mes)
    _declarar_no_portal(palco, empresas[::2], mes, Decimal("1200.00"))
    return prevoo.prevoo(Acao.ANO, empresas, mes).novas


def extratos(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Each of a few DAS, drawn beforehand, is asked about several times."""
    emitidas = guias_emitidas(palco, max(1, quantas // 10))
    return [
        pergunta_da_guia("guias.pgdasd.extrato", guia, vinculo, n)
        for n, (guia, vinculo) in zip(range(quantas), cycle(emitidas), strict=False)
    ]


def guias_emitidas(palco: Palco, quantas: int) -> list[tuple[Guia, Vinculo]]:
    """DAS drawn now, through the queue."""
    transmitidas = {a.pk: (a, v) for a, v in _transmitidas(palco, quantas)}
    das = [_das(palco, apuracao, vinculo) for apuracao, vinculo in transmitidas.values()]
    for balde in sorted({operacao.balde for operacao in motor.submeter(das, usuario=palco.usuario).criadas}):
        execucao.drenar(balde)
    guias = Guia.objects.filter(apuracao__in=transmitidas).select_related("apuracao__empresa").order_by("pk")
    return [(guia, transmitidas[guia.apuracao_id or 0][1]) for guia in guias]


def pergunta_da_guia(tipo: str, guia: Guia, vinculo: Vinculo, vez: int) -> NovaOperacao:
    assert guia.apuracao is not None  # noqa: S101 - a DAS of a declaration
    return _pergunta(tipo, guia.apuracao, vinculo, vez, {"guia": guia.pk, "numero": guia.numero})


def consultas_de_procuracoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    return prevoo.prevoo(Acao.PROCURACOES, empresas_vinculadas(palco, quantas), competencia(palco)).novas


def _pergunta(tipo: str, apuracao: Apuracao, vinculo: Vinculo, vez: int, extra: Pedido) -> NovaOperacao:
    return NovaOperacao(
        tipo=tipo,
        chave=f"{tipo}:ensaio:{apuracao.pk}:{vez}",
        pedido={
            "partes": partes_para_json(partes_de(vinculo, apuracao.empresa)),
            "competencia": apuracao.competencia.isoformat(),
            **extra,
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=apuracao.empresa_id,
        competencia=apuracao.competencia,
    )


def _das(palco: Palco, apuracao: Apuracao, vinculo: Vinculo) -> NovaOperacao:
    return nova_operacao_das(
        apuracao,
        partes_de(vinculo, apuracao.empresa),
        acesso=vinculo.credencial.acesso,
        via=1,
        prazo=prazo_das(apuracao.competencia),
        pagamento=palco.hoje,
    )


def credenciais_do_palco(palco: Palco) -> list[Credencial]:
    """One for each contratante of the sandbox: two accesses, two buckets."""
    feitas: list[Credencial] | None = palco.guardado.get("credenciais")
    if feitas is not None:
        return feitas
    Adicional.objects.update_or_create(
        pk=Adicional.INTEGRA_CONTADOR, defaults={"nome": "Mens.API Integra Contador", "ativo": True}
    )
    feitas = []
    for codigo, contratante in enumerate(palco.controle("contratantes", None)["contratantes"], 1):
        pfx, senha = palco.baixar(contratante["a1"]), contratante["senha"]
        lido = certificados.ler_pfx(pfx, senha)
        credencial = Credencial(
            codigo=codigo,
            descricao=f"Ensaio {codigo}",
            contratante=contratante["cnpj"],
            contratante_nome=contratante["nome"],
            certificado=certificados.guardar(pfx, senha, lido),
        )
        segredos.selar(credencial, "consumer_key", contratante["consumerKey"])
        segredos.selar(credencial, "consumer_secret", contratante["consumerSecret"])
        credencial.save()
        feitas.append(credencial)
    palco.guardado["credenciais"] = feitas
    return feitas


def procuradores_do_palco(palco: Palco) -> list[CertificadoA1]:
    """People whose e-CPF signs a Termo de Autorização: several, so that the faults fall on some of them."""
    feitos: list[CertificadoA1] | None = palco.guardado.get("procuradores")
    if feitos is not None:
        return feitos
    onde = palco.controle("contratantes", None)["contratantes"][0]["a1"]
    feitos = []
    for n, documento in enumerate(_PROCURADORES, 1):
        pedido = {"cnpj": documento, "nome": f"PROCURADOR {n}", "senha": _SENHA}
        pfx = palco.baixar(f"{urljoin(onde, '/controle/api/a1')}?{urlencode(pedido)}")
        feitos.append(certificados.guardar(pfx, _SENHA, certificados.ler_pfx(pfx, _SENHA)))
    palco.guardado["procuradores"] = feitos
    return feitos


def empresas_vinculadas(palco: Palco, quantas: int) -> list[Empresa]:
    """Companies opened in the competência, so that no history is needed."""
    return vinculadas(palco, quantas, Regime.SIMPLES, _SERVICOS)


def vinculadas(
    palco: Palco,
    quantas: int,
    regime: Regime,
    servicos: Sequence[Servico],
    cadastro: Callable[[Empresa], dict[str, Any]] = lambda empresa: {},
) -> list[Empresa]:
    """Companies opened in the competência, known to the sandbox (with what `cadastro` says more) and linked; of one in
    three a procurador asks, with his termo."""
    credenciais, mes = credenciais_do_palco(palco), competencia(palco)
    procuradores = procuradores_do_palco(palco)
    empresas = []
    for numero, _ in zip(palco.numeros, range(quantas), strict=False):
        doze = f"9{numero:07d}0001"
        empresa = Empresa(
            codigo=str(numero),
            documento=doze + stdnum_cnpj.calc_check_digits(doze),
            razao_social=f"Ensaio {numero:05d} Ltda",
            regime=regime,
            inicio_atividade=mes,
        )
        empresa.preparar()
        empresas.append(empresa)
    Empresa.objects.bulk_create(empresas, batch_size=_LOTE)
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=e, regime=regime, desde=mes) for e in empresas], batch_size=_LOTE
    )
    agora = timezone.now()
    Vinculo.objects.bulk_create(
        [
            Vinculo(
                empresa=empresa,
                credencial=credenciais[n % len(credenciais)],
                servicos=list(servicos),
                **_autor(procuradores, n),
                gravado_por=palco.usuario,
                gravado_em=agora,
            )
            for n, empresa in enumerate(empresas)
        ],
        batch_size=_LOTE,
    )
    cadastrar(palco, [{"documento": e.documento, "abertura": mes.isoformat(), **cadastro(e)} for e in empresas])
    return empresas


def _autor(procuradores: Sequence[CertificadoA1], n: int) -> dict[str, Any]:
    """Who asks about the empresa `n`."""
    if n % 3 != 1:
        return {"autor": Autor.CONTRATANTE}
    certificado = procuradores[n // 3 % len(procuradores)]
    return {
        "autor": Autor.PROCURADOR,
        "procurador": certificado.documento,
        "procurador_certificado": certificado,
    }


def cadastrar(palco: Palco, contribuintes: list[dict[str, Any]]) -> None:
    for inicio in range(0, len(contribuintes), _LOTE):
        palco.controle("cadastro", {"contribuintes": contribuintes[inicio : inicio + _LOTE]})


def _com_receita(palco: Palco, quantas: int, mes: date) -> list[Empresa]:
    empresas = empresas_vinculadas(palco, quantas)
    Receita.objects.bulk_create(
        [
            Receita(
                empresa=empresa,
                competencia=mes,
                atividade=1,
                valor=Decimal(palco.sorteio.randrange(500_000, 9_000_000)) / 100,
            )
            for empresa in empresas
        ],
        batch_size=_LOTE,
    )
    recalcular(empresas, mes, palco.usuario, receita_mudou=True)
    return empresas


def _declarar_no_portal(palco: Palco, empresas: Sequence[Empresa], mes: date, total: Decimal) -> None:
    """Declared yesterday, by other hands: no effect of ours, and not in the ledger."""
    palco.controle("relogio", {"deslocamento_segundos": -86_400})
    declarado = {"pa": int(f"{mes:%Y%m}"), "interno": "30000.00", "valores": {"1001": str(total)}}
    cadastrar(palco, [{"documento": empresa.documento, "declarados": [declarado]} for empresa in empresas])
    palco.controle("relogio", {"real": True})


def _numero_no_portal(empresa: Empresa, mes: date) -> str:
    return f"{empresa.documento[:8]}{mes:%Y%m}001"


def _transmitidas(palco: Palco, quantas: int) -> list[tuple[Apuracao, Vinculo]]:
    mes, total = competencia(palco), Decimal("1200.00")
    empresas = empresas_vinculadas(palco, quantas)
    _declarar_no_portal(palco, empresas, mes, total)
    apuracoes = Apuracao.objects.bulk_create(
        [
            Apuracao(
                empresa=empresa,
                competencia=mes,
                situacao=Apuracao.Situacao.TRANSMITIDA,
                receita_total=Decimal("30000.00"),
                declarado={"1001": str(total)},
                total_declarado=total,
                id_declaracao=_numero_no_portal(empresa, mes),
                transmitida_em=timezone.now() - timedelta(days=1),
            )
            for empresa in empresas
        ],
        batch_size=_LOTE,
    )
    vinculos = Vinculo.objects.filter(empresa__in=empresas).select_related("credencial")
    por_empresa = {vinculo.empresa_id: vinculo for vinculo in vinculos}
    return [(apuracao, por_empresa[apuracao.empresa_id]) for apuracao in apuracoes]
