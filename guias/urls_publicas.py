"""What is reached without a log-in, whatever the add-ons: clients and whoever doubts a guia come here."""

from django.urls import path

from guias.views import publicas

urlpatterns = [
    path("conferir/", publicas.conferir_guia, name="conferir_guia"),
    path("entrega/<str:ficha>/", publicas.guia_do_cliente, name="guia_do_cliente"),
    path("entrega/<str:ficha>/pdf/", publicas.pdf_do_cliente, name="pdf_do_cliente"),
]
