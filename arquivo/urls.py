app_name = "arquivo"
urlpatterns: list = []
