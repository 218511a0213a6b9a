"""The national NFS-e of the demo office: three empresas of the Simples with a canal of their own A1, and notes in every
state that a newcomer asks about: authorised, cancelled, replaced, and refused for a reason that can be mended.

The real engine issues them, here and now, so that their XML, DANFSe and events are there at the first log-in. What does
not get done in time is left to the workers; nothing waits for it.
"""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone

from comum.formatos import normalizar
from comum.models import Usuario
from credentials.services import certificados
from credentials.services.certificados import CertificadoNovo
from empresas.models import Empresa, Regime
from nfse.models import CanalNfse, Nota, RegimeApuracao, TipoCanal
from nfse.services import acoes, canais, testes
from nfse.services.emissao import com_tudo, emitir, prevoo
from nfse.services.notas import DadosNota, gravar, item_do_servico
from operacoes.models import A_TRABALHAR, Operacao
from operacoes.motor import execucao
from painel.demonstracao_notas import Sandbox, cadastrar_servicos, cadastrar_tomadores

QUANTAS = 3
SENHA = "guiche-demo"
SEGUNDOS = 8.0  # of the first start, at most
# Whose (position among the empresas), the office's own name for it, amount
NOTAS = (
    (0, "DEMO autorizada 1", "850.00"),
    (0, "DEMO autorizada 2", "1800.00"),
    (1, "DEMO cancelada", "420.00"),
    (1, "DEMO substituída", "1250.00"),
    (2, "DEMO recusada", "2300.00"),
)
CANCELADA, SUBSTITUIDA = NOTAS[2][1], NOTAS[3][1]
MOTIVO_CANCELAMENTO = "O serviço foi combinado e não chegou a ser prestado."
MOTIVO_SUBSTITUICAO = "A descrição do serviço saiu incompleta na primeira nota."


def completar(empresas: QuerySet[Empresa], usuario: Usuario, cnpj: Callable[[int], str], sandbox: Sandbox) -> int:
    """Give the three what they lack. Returns how many notes were written."""
    do_simples = empresas.filter(ativa=True, matriz=None, regime=Regime.SIMPLES, municipio__isnull=False)
    tres = list(do_simples.select_related("municipio").order_by("pk")[:QUANTAS])
    fim = time.monotonic() + SEGUNDOS
    for empresa in tres:
        if not empresa.canais.exists():
            testes.testar(canal=_canal(empresa, usuario, sandbox), usuario=usuario)
    if len(tres) < QUANTAS or Nota.objects.filter(empresa__in=tres).exists():
        return 0  # begun before: what stands there now is a person's
    _exigir_inscricao(tres[-1], sandbox)
    for posicao, empresa in enumerate(tres):
        cadastrar_tomadores(empresa, 30 + posicao, cnpj)
        cadastrar_servicos(empresa)
    notas = [_rascunho(tres[posicao], nome, Decimal(valor), usuario) for posicao, nome, valor in NOTAS]
    _emitir(notas, usuario, fim)
    return len(notas) + _encerrar(tres, usuario, fim)


def _canal(empresa: Empresa, usuario: Usuario, sandbox: Sandbox) -> CanalNfse:
    """With an A1 that the authority of the sandbox issues to the empresa."""
    titular = {"cnpj": empresa.documento, "nome": normalizar(empresa.razao_social).upper(), "senha": SENHA}
    pfx = sandbox.pedir(f"{sandbox.controle}/controle/api/a1?{urlencode(titular)}", None)
    return canais.criar(
        usuario=usuario,
        empresa=empresa,
        tipo=TipoCanal.NACIONAL,
        dados=canais.DadosCanal(
            certificado=CertificadoNovo(pfx, SENHA, certificados.ler_pfx(pfx, SENHA)),
            versao_emissao=2,
            serie="1",
            regime_apuracao=RegimeApuracao.NO_SIMPLES,
            total_simples=Decimal("6.00"),
        ),
    )


def _exigir_inscricao(empresa: Empresa, sandbox: Sandbox) -> None:
    """Its município registered the inscrição municipal, which the canal does not send yet: the note is refused until
    somebody ticks it there."""
    dele = {"documento": empresa.documento, "nome": empresa.razao_social, "im": empresa.inscricao_municipal}
    sandbox.post("nacional/contribuintes", {"contribuintes": [dele]})


def _rascunho(empresa: Empresa, referencia: str, valor: Decimal, usuario: Usuario) -> Nota:
    hoje, lugar = timezone.localdate(), empresa.municipio
    assert lugar is not None  # noqa: S101 - completar() chose those that have one
    competencia = hoje.replace(day=1)
    servico = empresa.servicos.order_by("pk")[int(valor) % 2]
    dados = DadosNota(
        empresa=empresa,
        tomador=empresa.tomadores.order_by("pk")[int(valor) % 3],
        competencia=competencia,
        emissao=hoje,
        municipio_prestacao=lugar,
        itens=[item_do_servico(servico, competencia, valor=valor)],
        referencia=referencia,
    )
    return gravar(dados, usuario)


def _emitir(notas: Sequence[Nota], usuario: Usuario, fim: float) -> None:
    escolhidas = [nota.pk for nota in notas]
    previa = prevoo(com_tudo(escolhidas))
    if previa.prontas:
        emitir(escolhidas, usuario, marca=previa.marca, titulo="Notas nacionais de demonstração")
        _trabalhar(fim)


def _encerrar(empresas: Sequence[Empresa], usuario: Usuario, fim: float) -> int:
    """Cancel one and replace another, where they were authorised in time."""
    autorizadas = Nota.objects.filter(empresa__in=empresas, situacao=Nota.Situacao.AUTORIZADA)
    com = autorizadas.select_related("empresa__municipio", "canal", "tomador")
    if (cancelada := com.filter(referencia=CANCELADA).first()) is not None:
        acoes.cancelar(cancelada, "2", MOTIVO_CANCELAMENTO, usuario)
    nova = None
    if (antiga := com.filter(referencia=SUBSTITUIDA).first()) is not None:
        nova = acoes.substituir(antiga, "99", MOTIVO_SUBSTITUICAO, usuario)
        _emitir([nova], usuario, fim)
    _trabalhar(fim)
    return int(nova is not None)


def _trabalhar(fim: float) -> None:
    """Do what is due at the national system now; a doubt or a wait is left to the workers."""
    do_nacional = Operacao.objects.filter(tipo__startswith="nfse.nacional.", situacao__in=A_TRABALHAR)
    for balde in sorted(set(do_nacional.values_list("balde", flat=True))):
        if (resta := fim - time.monotonic()) > 0:
            execucao.drenar(balde, resta)
