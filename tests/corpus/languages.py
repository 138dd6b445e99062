"""Words for generated tables, by language, and the encodings each language is written in apart from Unicode."""

# ruff: noqa: RUF001  (letters that look like others are what this is about)

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """``headers`` name, in order: number, article, place, quantity, price, day, remark.

    ``legacy`` are names of Python codecs that hold every character of these words.
    """

    headers: tuple[str, ...]
    articles: tuple[str, ...]
    places: tuple[str, ...]
    remarks: tuple[str, ...]
    legacy: tuple[str, ...]


LANGUAGES = {
    "english": Language(
        ("Number", "Article", "Place", "Quantity", "Price", "Day", "Remark"),
        ("Lamp", "Steel ladder", "Garden hose", "Kettle", "Paint roller", "Door handle", "Water pump", "Rug"),
        ("Leeds", "Cork", "Boston", "Perth", "Durban", "Halifax", "Wellington"),
        (
            "Delivered in two parts",
            "Please call before noon",
            "Box was open on arrival",
            "Second choice is fine",
            "None",
        ),
        ("ascii",),
    ),
    "german": Language(
        ("Nummer", "Artikel", "Ort", "Stückzahl", "Preis", "Tag", "Bemerkung"),
        ("Kühlschrank", "Bürostuhl", "Gießkanne", "Türgriff", "Schlüssel", "Wäscheständer", "Nähmaschine", "Leiter"),
        ("Köln", "München", "Düsseldorf", "Gießen", "Lübeck", "Fürth", "Bremen"),
        ("Rückgabe möglich", "Größe geändert", "Lieferung über Nacht", "für draußen geeignet", "ohne Zubehör", "keine"),
        ("cp1252", "latin-1", "iso8859-15", "mac_roman"),
    ),
    "french": Language(
        ("Numéro", "Article", "Lieu", "Quantité", "Prix", "Journée", "Remarque"),
        ("Théière", "Échelle pliante", "Fenêtre", "Clé à molette", "Forêt de perçage", "Étagère", "Pâte à bois", "Vis"),
        ("Orléans", "Besançon", "Nîmes", "Genève", "Liège", "Évreux", "Paris"),
        (
            "livré en août",
            "reçu hier matin",
            "déjà payé",
            "pièce très abîmée",
            "à vérifier",
            "côté gauche cassé",
            "rien",
        ),
        ("cp1252", "latin-1", "iso8859-15", "mac_roman"),
    ),
    "spanish": Language(
        ("Número", "Artículo", "Ubicación", "Cantidad", "Precio", "Día", "Observación"),
        ("Lámpara", "Cañería", "Sillón", "Teléfono", "Cajón", "Jabón", "Montaña de piezas", "Mesa"),
        ("Málaga", "León", "Logroño", "Cádiz", "Bogotá", "Asunción", "Quito"),
        ("está dañado", "llegó mañana por la tarde", "sólo una pieza", "según pedido", "envío rápido", "año pasado"),
        ("cp1252", "latin-1", "mac_roman"),
    ),
    "swedish": Language(
        ("Nummer", "Föremål", "Ort", "Mängd", "Pris", "Dag", "Anmärkning"),
        ("Hyllställ", "Dörrhandtag", "Kökslåda", "Båtmotor", "Tvättkorg", "Målarfärg", "Stege"),
        ("Malmö", "Göteborg", "Västerås", "Örebro", "Umeå", "Gävle", "Lund"),
        ("skadad på vägen", "får hämtas i kväll", "återlämnad", "väntar på svar", "klar"),
        ("cp1252", "latin-1", "mac_roman"),
    ),
    "polish": Language(
        ("Numer", "Przedmiot", "Miejscowość", "Ilość", "Należność", "Dzień", "Uwagi"),
        ("Żarówka", "Krzesło", "Łóżko", "Śrubokręt", "Półka", "Gniazdko", "Wąż ogrodowy", "Młotek"),
        ("Łódź", "Kraków", "Gdańsk", "Wrocław", "Poznań", "Rzeszów", "Białystok"),
        ("część uszkodzona", "proszę zadzwonić później", "już zapłacono", "większy rozmiar", "świeża dostawa", "brak"),
        ("cp1250", "iso8859-2"),
    ),
    "czech": Language(
        ("Číslo", "Předmět", "Město", "Množství", "Cena", "Den", "Poznámka"),
        ("Žebřík", "Křeslo", "Rýč", "Šroubovák", "Dveřní klika", "Věšák", "Kbelík na písek"),
        ("Plzeň", "Děčín", "Třebíč", "České Budějovice", "Kroměříž", "Náchod", "Praha"),
        ("zboží poškozeno", "přijde příští týden", "již zaplaceno", "větší velikost", "těžké balení", "nic"),
        ("cp1250", "iso8859-2"),
    ),
    "hungarian": Language(
        ("Sorszám", "Megnevezés", "Település", "Mennyiség", "Ár", "Időpont", "Megjegyzés"),
        ("Létra", "Fűnyíró", "Kerti szék", "Csavarhúzó", "Fürdőkád", "Törölköző", "Ajtókilincs"),
        ("Győr", "Pécs", "Debrecen", "Székesfehérvár", "Szolnok", "Hódmezővásárhely", "Eger"),
        ("később érkezik", "már kifizetve", "sérült csomagolás", "nagyobb méretű", "kérjük, hívjon előbb", "nincs"),
        ("cp1250", "iso8859-2"),
    ),
    "russian": Language(
        ("Номер", "Товар", "Город", "Количество", "Цена", "Дата", "Примечание"),
        ("Лестница", "Чайник", "Садовый шланг", "Дверная ручка", "Отвёртка", "Полка", "Ведро"),
        ("Казань", "Омск", "Тверь", "Саратов", "Пермь", "Архангельск", "Уфа"),
        ("доставка завтра утром", "уже оплачено", "повреждена упаковка", "нужен большой размер", "без замечаний"),
        ("cp1251", "koi8-r"),
    ),
    "greek": Language(
        ("Αριθμός", "Είδος", "Πόλη", "Ποσότητα", "Τιμή", "Ημέρα", "Παρατήρηση"),
        ("Σκάλα", "Βραστήρας", "Πόμολο πόρτας", "Κατσαβίδι", "Ράφι", "Κουβάς", "Λάστιχο κήπου"),
        ("Πάτρα", "Λάρισα", "Βόλος", "Χανιά", "Θεσσαλονίκη", "Καβάλα", "Κέρκυρα"),
        ("παράδοση αύριο το πρωί", "έχει ήδη πληρωθεί", "χαλασμένη συσκευασία", "μεγαλύτερο μέγεθος", "τίποτα"),
        ("cp1253",),
    ),
    "turkish": Language(
        ("Sıra", "Ürün", "Şehir", "Miktar", "Fiyat", "Gün", "Açıklama"),
        ("Çaydanlık", "Kapı kolu", "Bahçe hortumu", "Işık ampulü", "Tornavida", "Gömme dolap", "Bıçak"),
        ("İstanbul", "Eskişehir", "Diyarbakır", "Iğdır", "Çanakkale", "Muğla", "İzmir"),
        ("yarın sabah gelecek", "ücreti ödendi", "kutusu açılmış", "daha büyük boy", "değişim yapıldı", "yok"),
        ("cp1254",),
    ),
    "japanese": Language(
        ("番号", "品名", "市町村", "数量", "価格", "日付", "備考"),
        ("はしご", "やかん", "ドライバー", "庭用ホース", "本棚", "バケツ", "電球セット", "洗濯かご"),
        ("札幌市", "仙台市", "金沢市", "神戸市", "那覇市", "松本市"),
        (
            "明日の朝に届きます",
            "支払い済みです",
            "箱が壊れていました",
            "大きいサイズが必要",
            "特になし",
            "再配達をお願いします",
        ),
        ("cp932", "euc_jp"),
    ),
    "chinese": Language(
        ("编号", "商品", "城市", "数量", "价格", "日期", "备注"),
        ("梯子", "水壶", "螺丝刀", "花园水管", "书架", "水桶", "门把手", "灯泡"),
        ("成都", "武汉", "西安", "南京", "青岛", "厦门"),
        ("明天早上送到", "已经付款", "包装已经损坏", "需要更大的尺寸", "没有问题", "请提前打电话联系"),
        ("gb18030",),
    ),
    "taiwanese": Language(
        ("編號", "商品", "城市", "數量", "價格", "日期", "備註"),
        ("梯子", "水壺", "螺絲起子", "花園水管", "書架", "水桶", "門把", "燈泡"),
        ("臺北", "高雄", "臺中", "臺南", "花蓮", "嘉義"),
        ("明天早上送到", "已經付款", "包裝已經損壞", "需要更大的尺寸", "沒有問題", "請提前打電話聯絡"),
        ("big5",),
    ),
    "korean": Language(
        ("번호", "품목", "도시", "수량", "가격", "날짜", "비고"),
        ("사다리", "주전자", "드라이버", "정원 호스", "책장", "양동이", "문손잡이", "전구"),
        ("서울", "부산", "대전", "광주", "전주", "제주"),
        ("내일 아침에 도착합니다", "이미 결제했습니다", "상자가 파손되었습니다", "더 큰 크기가 필요합니다", "없음"),
        ("euc_kr",),
    ),
}
