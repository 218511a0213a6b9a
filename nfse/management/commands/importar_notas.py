from nfse.importacao.comando import ComandoComEmpresa


class Command(ComandoComEmpresa):
    help = "Confere e importa um CSV de notas, como a tela Notas › Importar CSV: rascunhos, e nada é enviado."
    tipo = "notas"
