"""What text of a language looks like in customer lists: how surprising each character is, in nats (-ln of its chance).

Used to tell encodings apart (files.encoding): bytes read in the right encoding are the least surprising. The chances
are coarse on purpose: a few hundred characters that are usual in names, addresses, companies and headers share most of
the mass, the rest of the charset's first level (which its makers chose by frequency) shares what is left. Letters of
an alphabet fall off like 1 / (rank + 2). All chances are those of a character *given* that it is not ASCII, because
every reading pays for ASCII the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log

_SIMPLIFIED = (
    "男王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范石廖贾夏韦付方邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤欧阳施洪柯翁简游"
    "詹柳祝牛温耿伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超兰霞刚桂红玉梅华斌宇浩凯健俊帆雪倩雨欣怡婷颖琳玲莉琴云辉"
    "鹏飞峰志旭宁波洁佳晨梓涵轩博嘉欢春凤淑珍慧晶鑫瑞彬鸿亮兵芬萍燕香爱惠雅君恩承翰柏彦廷珊冠宗豪翔哲维佩贵荣"
    "富昌盛祥振永庆松竹菊荷晓东楠诗韵睿丹艺菲北京上海天津重河山西辽吉黑浙安徽福建南湖广四川州陕甘肃青台湾内蒙"
    "古藏新疆港澳门省市县区镇村乡街道路巷号弄幢栋楼层室单元座场厦花园城岛岸深圳杭汉都沙肥昆哈尔滨连济庄佛无锡"
    "绍兴朝浦汇虹闸宝定丰中解放人民胜利里之邻桃雄屏宜苗栗彰澎基隆忠孝仁复九界铺角荃旺咀沟桥坊院底洲屯溪坪寮埔"
    "有限责公司股份集团科技网络信息贸易商食品机械设备电子工服务咨询文化传媒投资管理实业材料纺织装物流输餐饮酒"
    "店医药房产筑饰告企行厂茶农银保险证券汽配件五金塑胶旅国际软系统创客户编姓名话手邮箱地址称联注日期性别身状"
    "态等级会员类型额时间更册来源渠订数量价格先生女士职位部真微销历消费积分卡套固移描述购买税折扣币的一是不了"
    "在我他这个们大为和到以说要就出可也你对能而那得着下自年过发后作用所然家种事成多经去法学如同现当没动面起看"
    "还进好小其些主样心她本前开但因只从想者意力它与长把十第此已使情明知全三又关点正外将两由问很最并应战向头体"
    "政美相见被什二或己制果加斯月合回特代表老给世次度常通教儿原声提立及比水论处走义各入几口认条平气题活打变神"
    "总少报才结反受目太再感做接必计直德命指克至队形社便空决治展书非则听白却达光即像难且权思完式色记住求边该交"
    "规万取拉望术领共确师清今切识候带导争运"
)
_TRADITIONAL = (
    "男王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾肖田董袁潘於蔣蔡餘杜葉程蘇魏呂丁任沈姚盧"
    "姜崔鍾譚陸汪範石廖賈夏韋付方鄒孟熊秦邱江尹薛閆段雷侯龍史陶黎賀顧毛郝龔邵錢嚴覃武戴莫孔湯歐陽施洪柯翁簡遊"
    "詹柳祝牛溫耿偉芳娜秀英敏靜麗強磊軍洋勇豔傑娟濤超蘭霞剛桂紅玉梅華斌宇浩凱健俊帆雪倩雨欣怡婷穎琳玲莉琴雲輝"
    "鵬飛峰志旭寧波潔佳晨梓涵軒博嘉歡春鳳淑珍慧晶鑫瑞彬鴻亮兵芬萍燕香愛惠雅君恩承翰柏彥廷珊冠宗豪翔哲維佩貴榮"
    "富昌盛祥振永慶松竹菊荷曉東楠詩韻睿丹藝菲北京上海天津重河山西遼吉黑浙安徽福建南湖廣四川州陝甘肅青臺灣內蒙"
    "古藏新疆港澳門省市縣區鎮村鄉街道路巷號弄幢棟樓層室單元座場廈花園城島岸深圳杭漢都沙肥昆哈爾濱連濟莊佛無錫"
    "紹興朝浦匯虹閘寶定豐中解放人民勝利裡之鄰桃雄屏宜苗慄彰澎基隆忠孝仁復九界鋪角荃旺咀溝橋坊院底洲屯溪坪寮埔"
    "壢有限責公司股份集團科技網絡信息貿易商食品機械設備電子工服務諮詢文化傳媒投資管理實業材料紡織裝物流輸餐飲"
    "酒店醫藥房產築飾告企行廠茶農銀保險證券汽配件五金塑膠旅國際軟體系統創客戶編姓名話手郵箱地址稱聯繫註日期性"
    "別身狀態等級會員類型額時間更冊來源渠訂數量價格先生女士職位部真微銷歷消費積分卡套固移描述購買稅折扣幣訊一"
    "里動代社問開發腦光營造療診所飯瑋霖銘鈞淳瑜筱薇萱蓉珮妤宥禎祐澤晟皓宸丞詠晴芷琪賴蕭塗藍顏紀鄔闕阮的是不了"
    "在我他這個們大為和到以說要就出可也你對能而那得著下自年過後作用然家種事成多經去法學如同現當沒面起看還進好"
    "小其些主樣心她本前但因只從想者意力它與長把十第此已使情明知全三又關點正外將兩由很最並應戰向頭政美相見被什"
    "二或己制果加斯月合回特表老給世次度常通教兒原聲提立及比水論處走義各入幾口認條平氣題活打變神總少報才結反受"
    "目太再感做接必計直德命指克至隊形便空決治展書非則聽白卻達即像難且權思完式色記住求邊該交規萬取拉望術領共確"
    "師清今切識候帶導爭運后台余谷范薑游鐘"
)
_JAPANESE = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場"
    "金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性"
    "的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心"
    "界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策"
    "集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減"
    "台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止送援供"
    "可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態導鮮備宅害配副算視条幹独"
    "警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額監環験追審商葉義伝働"
    "形景落欧担好退準賞訴辺造英被株頭技低毎医復仕去姿味負閣韓渡失移差衆個門写評課末守若脳極種美岡影命含福蔵量"
    "望松非撃佐核観察整段横融型白深字答夜製票況音申様財港識注呼渉達鈴橋伊林斎吉々清阿池森谷坂遠青浦太郎花紀恵"
    "翔健号顧客郵便丁郡登録陽菜翼拓哉裕樹亮介淳希香織桜愛斗蓮悠颯陸舞瀬里奈修幸洋稔彦智康埼玉茨栃群潟岐阜静滋"
    "賀兵庫良歌根媛徳崎熊児縄"
)
_KOREAN = (
    "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민나진지엄원천방공현함변염"
    "여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간"
    "상시갈단견당화창준수미영희철숙순자훈혜아름별해솔슬람빛찬혁욱규환섭식열웅재덕광병종학일삼칠팔십만억월토년"
    "군읍면리로번층대특역울산세충청북라릉포항평택의회무업건통보스템테크코글벌행험증약교카페트객메담직책비등록"
    "날짜생휴폰급녀님입니다를을에과와으들터그러있습했같것더며까씨네게거든저"
)
# Letters beyond ASCII, the usual first.
_LATIN = {
    "german": "üäöß",
    "french": "éèçêàïôâîûëùœüÿ",
    "spanish": "ñáéíóúü",
    "portuguese": "ãçáéíõóâêúàô",
    "italian": "àèéìòù",
    "danish": "øæåéö",
    "swedish": "äöåé",
    "icelandic": "óáíéúýþðöæ",
    "polish": "łąóęśżćńź",
    "czech": "áíéšěýčřžůúťôňľďóä",
    "hungarian": "áéóöíőüúű",
    "croatian": "ćčžšđ",
    "romanian": "ăţâşîéá",
    "dutch": "ëïéöü",
    "estonian": "äõöüšž",
    "lithuanian": "ėšūžčųįąę",
    "latvian": "āīšņēļžķģčū",
    "vietnamese": "áđàêôâươăíìúùýéèóò\u0301\u0323\u0300\u0309\u0303",
    "turkish": "ıüşçöğİ",
}
_OTHER_ALPHABETS = {
    "russian": "аоиенрвлстмкдуыйягпьчзшбюхжцщфэёъіїє",
    "greek": "αοσιςνετηρκυλμπωάίόέδγήθφύχβζώξψϊ",
    "hebrew": "ילורתהמאנבםדעשחקפכגסזצןטךףץ",
    "arabic": "المينردةوتسعبحفقكجهشدخصطزذىأضغثئإظءآؤ",
    "thai": "านรกอเมงลยสวดทต่ั้ิีคหปแบจะุพขใไ์ชไ็ูถธโผศซืณฐภษญำฤฏ",
}

# What else may stand in a text, in nats: estimates, rounded.
_RARE_LETTER = 7.0
"""A letter of the same script that the language hardly uses."""
_SIGNS = {**dict.fromkeys("’‘“”–—…«»·°ºª€§®™´²", 7.0), "\xa0": 6.0}
_RARE = 11.0
_C1_CONTROL = 14.0
_RARE_HAN = 15.0
_UNDECODABLE = 10.0
_ASCII = {chr(code): 3.4 if chr(code).isalnum() or chr(code) in " .-()&'/+" else 5.0 for code in range(0x20, 0x7F)}
_ASCII.update({chr(code): 12.0 for code in (*range(0x20), 0x7F)})
_ESCAPED = tuple(map(chr, range(0xDC80, 0xDD00)))
"""What `surrogateescape` puts for bytes that cannot be decoded."""

# What a letter costs more for where it stands.
_UPPER_AFTER_LOWER = 6.0
_UPPER_FIRST = 1.0
_LOWER_FIRST = 1.0
_ALONE = 3.0
_EACH_MORE_IN_A_ROW = 3.0
_BESIDE_ASCII_LETTER = {"letters": 5.0, "han": 2.0}
_HALF_WIDTH_KANA = 3.0

_RUN = re.compile("[^\0-\x7f]+")
_BESIDE_LETTER = re.compile(r"[A-Za-z](?=[\u3040-\U0010ffff])|[\u3040-\U0010ffff](?=[A-Za-z])")
_HALF_WIDTH_RUN = re.compile("[\uff61-\uff9f]+")


@dataclass(frozen=True)
class Language:
    """How surprising its characters are; `rare` are all others. `script` is "han", "latin" or "letters"."""

    name: str
    script: str
    costs: Mapping[str, float]
    rare: float

    def surprise(self, text: str) -> float:
        """How surprising a text is, in nats, context counted. Bytes that are no text stand in it as surrogates."""
        cost, rare = self.costs.get, self.rare
        total = sum([cost(character, rare) for character in text])
        if self.script == "han":
            total += _BESIDE_ASCII_LETTER["han"] * len(_BESIDE_LETTER.findall(text))
            if self.name == "japanese":
                total += _HALF_WIDTH_KANA * len(_HALF_WIDTH_RUN.findall(text))
            return total
        for run in _RUN.finditer(text):
            total += self._context(text, run.start(), run.end())
        return total

    def _context(self, text: str, start: int, end: int) -> float:
        """What a run of letters that are not ASCII costs more for where they stand and how they are written."""
        latin = self.script == "latin"
        before = text[start - 1 : start]
        after = text[end : end + 1]
        total = 0.0
        if latin:
            total += _EACH_MORE_IN_A_ROW * (end - start - 1)
            if end - start == 1 and not before.isalpha() and not after.isalpha():
                total += _ALONE
        else:
            beside = (before.isalpha() and before.isascii()) + (after.isalpha() and after.isascii())
            total += _BESIDE_ASCII_LETTER["letters"] * beside
        for character in text[start:end]:
            if character.isupper():
                total += _UPPER_AFTER_LOWER if before.islower() else 0.0 if before.isupper() else _UPPER_FIRST
            elif not before.isalpha() and latin:
                total += _LOWER_FIRST
            before = character
        if after.isupper() and before.islower():
            total += _UPPER_AFTER_LOWER
        return total


@cache
def language(name: str) -> Language:
    """A language by its name, made once."""
    if name in _LATIN:
        return _alphabetic(name, _LATIN[name], "latin")
    if name in _OTHER_ALPHABETS:
        return _alphabetic(name, _OTHER_ALPHABETS[name], "letters")
    return _HAN[name]()


def _alphabetic(name: str, letters: str, script: str) -> Language:
    whole = sum(1 / (rank + 2) for rank in range(len(letters))) / 0.9
    block = range(0xC0, 0x180) if script == "latin" else range(ord(letters[0]) & ~0x7F, (ord(letters[0]) | 0x7F) + 0x81)
    costs = {**_ASCII, **_SIGNS, **dict.fromkeys(_ESCAPED, _UNDECODABLE)}
    costs.update(dict.fromkeys(map(chr, range(0x80, 0xA0)), _C1_CONTROL))
    costs.update({chr(code): _RARE_LETTER for code in block if chr(code).isalpha()})
    for rank, letter in enumerate(letters):
        chance = -log(1 / (rank + 2) / whole)
        costs[letter] = chance
        if len(letter.upper()) == 1:
            costs[letter.upper()] = chance
    return Language(name, script, costs, _RARE)


def _rows(leads: Iterable[int], trails: Iterable[int], encoding: str) -> str:
    """All characters of some rows of a two-byte character set."""
    seconds = bytes(trails)
    characters = bytearray()
    for lead in leads:
        row = bytearray(2 * len(seconds))
        row[::2], row[1::2] = bytes([lead]) * len(seconds), seconds
        characters += row
    return characters.decode(encoding, "ignore")


def _han(name: str, groups: Iterable[tuple[str, float]]) -> Language:
    """A language from groups of characters and the share of text that each has; the first group that has one counts."""
    costs: dict[str, float] = {}
    for characters, share in groups:
        new = set(characters) - costs.keys()
        costs.update(dict.fromkeys(new, log(len(new) / share)))
    costs.update(dict.fromkeys("　（）、。，：；－—·【】《》〒", 6.5))
    costs.update(dict.fromkeys(map(chr, range(0xFF10, 0xFF5B)), 7.5))
    costs.update(dict.fromkeys(_ESCAPED, _UNDECODABLE))
    costs.update(_ASCII)
    return Language(name, "han", costs, _RARE_HAN)


_EUC = range(0xA1, 0xFF)
_BIG5 = (*range(0x40, 0x7F), *range(0xA1, 0xFF))

_HAN = {
    "simplified": lambda: _han(
        "simplified",
        [
            (_SIMPLIFIED, 0.72),
            (_rows(range(0xB0, 0xD8), _EUC, "gb2312"), 0.19),
            (_rows(range(0xD8, 0xF8), _EUC, "gb2312"), 0.07),
        ],
    ),
    "traditional": lambda: _han(
        "traditional",
        [
            (_TRADITIONAL, 0.72),
            (_rows(range(0xA4, 0xC7), _BIG5, "big5"), 0.2),
            (_rows(range(0xC9, 0xFA), _BIG5, "big5"), 0.05),
        ],
    ),
    "japanese": lambda: _han(
        "japanese",
        [
            (_JAPANESE, 0.5),
            (_rows(range(0xA4, 0xA6), _EUC, "euc_jp") + "ー", 0.35),
            (_rows(range(0xB0, 0xD0), _EUC, "euc_jp"), 0.12),
            (_rows(range(0xD0, 0xF5), _EUC, "euc_jp"), 0.01),
            ("".join(map(chr, range(0xFF61, 0xFFA0))), 0.63),
        ],
    ),
    "korean": lambda: _han(
        "korean",
        [
            (_KOREAN, 0.86),
            (_rows(range(0xB0, 0xC9), _EUC, "euc_kr"), 0.12),
            (_rows(range(0xCA, 0xFE), _EUC, "euc_kr"), 0.01),
        ],
    ),
}
