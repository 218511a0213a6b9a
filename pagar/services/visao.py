"""What is seen of a payment or a batch: as much as is seen of its titles. Sums and acts are for who sees them all."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from comum.models import Usuario
from empresas.models import Empresa
from pagar.models import ItemPagamento, Lote, Pagamento, Titulo


def pagamentos_visiveis(usuario: Usuario) -> QuerySet[Pagamento]:
    """Those with a title that exists for the user."""
    if usuario.administra:
        return Pagamento.objects.all()
    itens = ItemPagamento.objects.filter(pagamento=OuterRef("pk"))
    return Pagamento.objects.filter(Exists(itens.filter(titulo__empresa__in=Empresa.objects.visiveis(usuario))))


def vistos_por_inteiro(pagamentos: Iterable[Pagamento], usuario: Usuario) -> set[int]:
    """Of these, the ones (pk) whose titles the user sees without exception."""
    pks = {pagamento.pk for pagamento in pagamentos}
    if usuario.administra:
        return pks
    escondidos = ItemPagamento.objects.filter(pagamento__in=pks).exclude(
        titulo__empresa__in=Empresa.objects.visiveis(usuario)
    )
    return pks - set(escondidos.order_by().values_list("pagamento", flat=True))


def titulos_do_lote(lote: Lote, usuario: Usuario) -> tuple[list[Titulo], bool]:
    """The titles that went in a batch as they are now, those the user sees, and whether these are all."""
    enviados = lote.operacao.pedido["titulos"] if lote.operacao is not None else []
    todos = Titulo.objects.filter(pk__in=enviados) if enviados else Titulo.objects.filter(lote=lote)
    vistos = todos & Titulo.objects.visiveis(usuario)
    achados = list(vistos.select_related("empresa", "fornecedor", "operacao", "em_curso", "lote").order_by("pk"))
    return achados, len(achados) == lote.quantidade
