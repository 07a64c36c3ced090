"""Customer lists in the encodings that people's programs write, made from names and addresses of a few countries.

Labelled: each list comes with the encoding that it is written in. Made anew in each run, the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """What its customer lists are made of: words joined to names, streets and companies, and a header."""

    encodings: tuple[str, ...]
    first: str
    second: str
    places: str
    companies: str
    header: str
    joined: str = ""

    def name(self, rnd: random.Random) -> str:
        """A person's name."""
        return rnd.choice(self.first.split()) + self.joined + rnd.choice(self.second.split())

    def place(self, rnd: random.Random) -> str:
        """A street with a number, in a town."""
        number = str(rnd.randint(1, 180))
        return self.joined.join([rnd.choice(self.places.split()), rnd.choice(self.places.split()), number])

    def company(self, rnd: random.Random) -> str:
        """A company."""
        return self.joined.join([rnd.choice(self.places.split()), rnd.choice(self.companies.split())])


COUNTRIES = {
    "china": Country(
        ("gb18030", "gbk"),
        "张 王 李 赵 欧阳 史 何 翟 戚 邬 谢 司徒 闫 佘 窦 薛 褚 阎",
        "伟 雨静 英杰 喆 秀英 淑兰 子涵 一诺 沐宸 桂香 建国 晟 芮 昊然 梓萱 婧 煜 小红 晓燕 琦",
        "北京市朝阳区建国路 上海市浦东新区世纪大道 武汉市洪山区珞喻路 广东省深圳市南山区科苑路 成都市锦江区 "
        "乌鲁木齐市 呼和浩特市新城区 杭州市西湖区文三路 亳州市谯城区 鄂尔多斯市 衢州市柯城区 濮阳市",
        "白怡食品有限责任公司 鑫源贸易商行 华茂科技股份有限公司 茶叶专业合作社 汽车配件厂 眼镜店 窗帘布艺",
        "客户编号,姓名,公司,地址",
    ),
    "taiwan": Country(
        ("big5", "cp950", "big5hkscs"),
        "陳 林 黃 張 李 王 吳 劉 蔡 楊 歐陽 涂 闕 范姜 鄔 曾 簡 顏",
        "志偉 淑芬 家豪 雅婷 怡君 承恩 宥辰 冠廷 美玲 鈺婷 品妤 建宏 玉蘭 筱涵 韋廷 子晴 勝雄 錦鳳",
        "臺北市信義區忠孝東路 新北市板橋區文化路 高雄市苓雅區四維三路 臺中市西屯區 花蓮縣吉安鄉 澎湖縣馬公市 "
        "屏東縣恆春鎮 香港九龍尖沙咀彌敦道 新界沙田正街 苗栗縣頭份市 雲林縣斗六市 嘉義縣民雄鄉",
        "鴻海精密工業股份有限公司 味全食品行 統一超商 茶葉專賣店 電腦維修中心 聯合診所 眼鏡行 貿易有限公司",
        "客戶編號,姓名,公司,地址",
    ),
    "japan": Country(
        ("cp932", "euc_jp"),
        "佐藤 鈴木 高橋 田中 渡辺 伊藤 小笠原 斎藤 五十嵐 長谷川 服部 熊谷",
        "陽子 太郎 さくら 健一 ひなた 美咲 翔太 裕子 タケシ 蓮 千尋 浩二",
        "東京都千代田区丸の内 大阪府大阪市北区梅田 神奈川県横浜市西区 愛知県名古屋市中区栄 福岡県福岡市博多区 札幌市",
        "商事株式会社 ハウジング コンサルティング合同会社 製作所 クリニック 食品工業 サービス",
        "顧客番号,氏名,会社名,住所",
    ),
    "korea": Country(
        ("cp949", "euc_kr"),
        "김 이 박 최 정 강 조 윤 장 임 남궁 황보",
        "민수 서연 지훈 영희 하은 도윤 수빈 예준 은정 현우 미경 태형",
        "서울특별시 강남구 테헤란로 부산광역시 해운대구 인천 연수구 "
        "송도동 대전 유성구 제주시 연동 경기도 성남시 분당구",
        "전자주식회사 식품 건설 무역 테크놀로지 물산 의료재단 커피",
        "고객번호,이름,회사,주소",
    ),
    "germany": Country(
        ("cp1252", "iso8859_1"),
        "Jürgen Käthe Jörg Günther Björn Anna Peter Sören Bärbel",
        "Müller Schröder Weiß Köhler Groß Schmidt Böhm Krämer Jäger Lück",
        "Köln Düsseldorf Königstraße Mühlenweg Nürnberg Schloßallee Würzburg Gänsemarkt Lübeck",
        "Bäckerei Möbelhaus Glühlampen-GmbH Gebäudereinigung Käserei Müllabfuhr",
        "Kundennr,Name,Firma,Straße",
        " ",
    ),
    "france": Country(
        ("cp1252",),
        "Hélène François Chloé Jérôme Zoé André Béatrice Gaëlle Noël Marie Paul",
        "Lefèvre Bézier Muñoz Château Lemaître Gérard Rouvière Béranger Dupont",
        "Orléans Besançon Nîmes Saint-Étienne Sète Bégles Rue-de-la-République Allée-des-Chênes Forêt",
        "Pâtisserie Société-générale Épicerie Librairie-du-Marché Établissements-réunis",
        "N°,Prénom,Société,Adresse",
        " ",
    ),
    "spain": Country(
        ("cp1252",),
        "José María Ángel Andrés Sofía Begoña Íñigo Raúl Lucía Martín",
        "García Muñoz López Hernández Núñez Peña Sánchez Ibáñez Gutiérrez Rodríguez",
        "Málaga Cádiz León Córdoba A-Coruña Almería Calle-Mayor Avenida-de-la-Constitución Logroño",
        "Panadería Ferretería Compañía-de-Seguros Clínica Construcción Jardinería",
        "Nº,Nombre,Compañía,Dirección",
        " ",
    ),
    "poland": Country(
        ("cp1250",),
        "Łukasz Małgorzata Paweł Zdzisław Bożena Jan Agnieszka Święcisława",
        "Wałęsa Wójcik Kamiński Dąbrowski Zając Król Wróbel Jabłoński Gołąb",
        "Łódź Kraków Poznań Wrocław Gdańsk Częstochowa Świętokrzyska Żeromskiego Rzeszów",
        "Spółdzielnia Zakład-Usługowy Piekarnia-Złota Księgarnia Społem",
        "Nr,Imię,Firma,Ulica",
        " ",
    ),
    "russia": Country(
        ("cp1251", "koi8_r"),
        "Иван Ольга Пётр Юлия Сергей Наталья Дмитрий",
        "Петров Смирнова Кузнецов Щукина Ёлкин Васильев Жданов",
        "Москва Санкт-Петербург Казань ул.Ленина пр-т.Мира Екатеринбург Нижний-Новгород",
        "ООО-Ромашка Завод Торговый-дом Аптека Пекарня",
        "Номер,Имя,Компания,Адрес",
        " ",
    ),
    "greece": Country(
        ("cp1253",),
        "Γιώργος Μαρία Δημήτρης Ελένη Κώστας Αικατερίνη",
        "Παπαδόπουλος Νικολάου Οικονόμου Βλάχος Αγγελής",
        "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα",
        "Αρτοποιείο Εμπορική Φαρμακείο Τεχνική",
        "Αριθμός,Όνομα,Εταιρεία,Διεύθυνση",
        " ",
    ),
    "turkey": Country(
        ("cp1254",),
        "Ayşe Gökhan İbrahim Çağla Şükrü Işıl Mehmet Doğan",
        "Yılmaz Öztürk Şahin Çelik Aydın Kılıç Güneş Doğru",
        "İstanbul Diyarbakır Eskişehir Muğla Beyoğlu Kadıköy Çanakkale",
        "Fırın İnşaat Sağlık Kuyumculuğu Giyim-Mağazası",
        "No,Adı,Şirket,Açık-adres",
        " ",
    ),
}


@dataclass(frozen=True)
class Labelled:
    """A list as bytes, with the encoding that it is in."""

    country: str
    encoding: str
    rows: int
    data: bytes


def labelled_lists(
    countries: tuple[str, ...], rows: int, *, count: int, columns: tuple[int, ...] = (2, 4), seed: int = 1
) -> Iterator[Labelled]:
    """Lists of so many rows: `count` for each encoding, English and local header, and number of columns."""
    for country in countries:
        made_of = COUNTRIES[country]
        for encoding in made_of.encodings:
            rnd = random.Random(f"{seed} {country} {encoding} {rows}")
            for header in (made_of.header, "no,name,company,address"):
                for width in columns:
                    for _ in range(count):
                        yield Labelled(
                            country, encoding, rows, _list(made_of, rows, header, width, rnd).encode(encoding)
                        )


def _list(country: Country, rows: int, header: str, width: int, rnd: random.Random) -> str:
    table = [header.split(",")]
    table += [[f"C{i:04}", country.name(rnd), country.company(rnd), country.place(rnd)] for i in range(rows)]
    return "".join(",".join(row[:width]) + "\n" for row in table)
