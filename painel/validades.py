"""What the office depends on and ends: certificates, the Consumer Secret, procurações. Warned of before it stops."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from comum.documentos import mascarar
from comum.formatos import contar
from comum.models import Usuario
from credentials.models import CertificadoA1, Credencial, Vinculo
from empresas.models import Empresa
from guias import lista_procuracoes
from nfse.models import CanalNfse
from painel.models import Ciente

MARCOS = (60, 30, 15, 7, 1)  # days before the end on which it is told anew
_GUARDA_S = 300
_ANTES = timedelta(days=MARCOS[0])


@dataclass(frozen=True)
class Validade:
    """One thing that ends on `vence`, `dias` from today (negative once it has). `chave` names it among those that a
    person said to know of."""

    chave: str
    o_que: str
    de_quem: str
    vence: date
    dias: int
    url: str
    acao: str
    sem_ela: str

    @property
    def tom(self) -> str:
        return "erro" if self.dias < 0 else "atencao" if self.dias <= 30 else "info"

    @property
    def quando(self) -> str:
        if self.dias < 0:
            return f"venceu há {contar(-self.dias, 'dia', 'dias')}"
        return {0: "vence hoje", 1: "vence amanhã"}.get(self.dias, f"vence em {self.dias} dias")

    @property
    def marco(self) -> int:
        """The last of the warnings that its date has reached; 0 once it has ended."""
        return min((marco for marco in MARCOS if self.dias <= marco), default=MARCOS[0]) if self.dias >= 0 else 0


def a_vencer(usuario: Usuario, hoje: date | None = None, *, guardadas: bool = False) -> list[Validade]:
    """What ended or ends within sixty days, the first to end before. In a constant number of queries; with `guardadas`
    the procurações, which are looked for over every empresa, are those of some minutes ago."""
    dia = hoje or timezone.localdate()
    chave = f"validades:procuracoes:{usuario.pk}:{dia:%Y%m%d}"
    procuracoes = cache.get(chave) if guardadas else None
    if procuracoes is None:
        procuracoes = list(_procuracoes(usuario))
        cache.set(chave, procuracoes, _GUARDA_S)
    achadas = [*_credenciais(usuario, dia), *_procuradores(usuario, dia), *_canais(usuario, dia), *procuracoes]
    return sorted(achadas, key=lambda validade: (validade.vence, validade.o_que, validade.de_quem))


def avisos(usuario: Usuario, hoje: date | None = None) -> list[Validade]:
    """Those of a_vencer() that the user has not said to know of since their last warning."""
    todas = a_vencer(usuario, hoje, guardadas=True)
    vistos = set(Ciente.objects.filter(usuario=usuario, item__in=[v.chave for v in todas]).values_list("item", "marco"))
    return [validade for validade in todas if (validade.chave, validade.marco) not in vistos]


def dar_ciencia(usuario: Usuario, chave: str) -> bool:
    """Take the warning of one item off this user's first page until its next one; False when there is no such item."""
    item = next((validade for validade in a_vencer(usuario) if validade.chave == chave), None)
    if item is None:
        return False
    Ciente.objects.get_or_create(usuario=usuario, item=item.chave, marco=item.marco)
    return True


def _do_certificado(
    certificado: CertificadoA1, hoje: date, o_que: str, de_quem: str, url: str, sem_ele: str
) -> Iterator[Validade]:
    vence = timezone.localdate(certificado.valido_ate)
    if vence <= hoje + _ANTES:
        chave, dias = f"certificado:{certificado.pk}", (vence - hoje).days
        yield Validade(chave, o_que, de_quem, vence, dias, url, "Enviar o renovado", sem_ele)


def _credenciais(usuario: Usuario, hoje: date) -> Iterator[Validade]:
    ativas = Credencial.objects.filter(ativa=True).select_related("certificado")
    if not usuario.administra:
        suas = Vinculo.objects.filter(empresa__in=Empresa.objects.visiveis(usuario)).values("credencial")
        ativas = ativas.filter(pk__in=suas)
    for credencial in ativas.defer("certificado__pfx", "certificado__senha", "consumer_key", "consumer_secret"):
        url, nome = reverse("credenciais:alterar", args=[credencial.codigo]), f"Credencial {credencial}"
        if credencial.certificado is not None:
            sem_ele = "sem ele nada se pede à Receita por esta credencial"
            yield from _do_certificado(credencial.certificado, hoje, "Certificado A1", nome, url, sem_ele)
        if credencial.secret_trocado_em is None:
            continue
        trocar = timezone.localdate(credencial.secret_trocado_em) + timedelta(days=settings.SECRET_TROCA_DIAS)
        if trocar <= hoje + _ANTES:
            yield Validade(
                f"secret:{credencial.pk}",
                "Consumer Secret",
                nome,
                trocar,
                (trocar - hoje).days,
                url,
                "Trocar",
                "é da prática do escritório trocá-lo; nada para de funcionar",
            )


def _procuradores(usuario: Usuario, hoje: date) -> Iterator[Validade]:
    vinculos = Vinculo.objects.filter(procurador_certificado__isnull=False)
    if not usuario.administra:
        vinculos = vinculos.filter(empresa__in=Empresa.objects.visiveis(usuario))
    usados = vinculos.order_by().values("procurador_certificado").annotate(n=Count("pk"), uma=Min("credencial__codigo"))
    por_certificado = {linha["procurador_certificado"]: linha for linha in usados}
    logo = CertificadoA1.objects.filter(pk__in=por_certificado, valido_ate__lte=timezone.now() + _ANTES + timedelta(1))
    for certificado in logo.defer("pfx", "senha"):
        linha = por_certificado[certificado.pk]
        quantas = contar(linha["n"], "empresa", "empresas")
        yield from _do_certificado(
            certificado,
            hoje,
            "Certificado do procurador",
            f"{certificado.titular} {mascarar(certificado.documento)}",
            reverse("janela:ver", args=[linha["uma"]]),
            f"sem ele não se assina o termo de autorização de {quantas}",
        )


def _canais(usuario: Usuario, hoje: date) -> Iterator[Validade]:
    canais = CanalNfse.objects.filter(certificado__isnull=False, ativo=True, empresa__ativa=True)
    if not usuario.administra:
        canais = canais.filter(empresa__in=Empresa.objects.visiveis(usuario))
    logo = canais.filter(certificado__valido_ate__lte=timezone.now() + _ANTES + timedelta(1))
    com_tudo = logo.select_related("certificado", "empresa").defer("certificado__pfx", "certificado__senha")
    for canal in com_tudo:
        assert canal.certificado is not None  # noqa: S101 - filtered by it
        yield from _do_certificado(
            canal.certificado,
            hoje,
            "Certificado do canal de NFS-e",
            str(canal.empresa),
            reverse("nfse:canal_alterar", args=[canal.codigo]),
            "sem ele não se emite por este canal",
        )


def _procuracoes(usuario: Usuario) -> Iterator[Validade]:
    """All together, by what must be done: there may be thousands."""
    hoje = timezone.localdate()
    for fim in lista_procuracoes.fins(usuario):
        yield Validade(
            f"procuracoes:{fim.estado}:{fim.dia:%Y%m%d}",
            "Procurações",
            contar(fim.empresas, "empresa", "empresas"),
            fim.dia,
            (fim.dia - hoje).days,
            f"{reverse('guias:procuracoes')}?estado={fim.estado}",
            "Ver quais",
            "sem ela a Receita nega o pedido, e a negativa é cobrada",
        )
