"""What the model card says, in Chinese: by the English texts of the code."""

from collections.abc import Mapping

from gaupt.terms import CHINESE_TERMS

TEXTS: Mapping[str, str] = {
    ", ": "、",
    "Architecture": "结构",
    "Training data": "训练数据",
    "Pretraining": "预训练",
    "Training": "训练",
    "Evaluation": "评测",
    "Use": "用法",
    "Limits and biases": "局限与偏差",
    "Licence": "许可",
    "Citation": "引用",
    # what it is
    "{name}, {layers} layers, hidden size {size}": "{name}，{layers} 层，隐藏维度 {size}",
    "{name}, 1 layer, hidden size {size}": "{name}，1 层，隐藏维度 {size}",
    "An encoder of Chinese text, exported by gaupt: {kind}, {parameters:,} parameters.": (
        "中文文本编码器，由 gaupt 导出：{kind}，{parameters:,} 个参数。"
    ),
    "gated attention units with rotary positions": "门控注意力单元（GAU），旋转位置编码",
    "a Transformer with rotary positions": "Transformer，旋转位置编码",
    "It has no trained masked-LM head, and is meant to be fine-tuned:": "没有训练过的掩码语言模型头，供微调使用：",
    "It fills masks, and is meant to be fine-tuned:": "可以填空，供微调使用：",
    "to label texts and tokens, to find answers in passages, to choose between texts.": (
        "文本分类、序列标注、阅读理解、多项选择。"
    ),
    "It is fine-tuned to {purpose}, on the task {task}.": "已在任务 {task} 上微调，用来{purpose}。",
    "It is fine-tuned to {purpose}.": "已微调，用来{purpose}。",
    "Its {count:,} labels: {names}.": "{count:,} 个标签：{names}。",
    "{names} and {more:,} more": "{names} 等，另有 {more:,} 个",
    # its shape
    "layers": "层数",
    "hidden size": "隐藏维度",
    "expanded size": "扩展维度",
    "key size": "键维度",
    "attention normalization": "注意力归一化",
    "attention": "注意力",
    "mixed chunks of {size}": "混合分块，每块 {size}",
    "paper": "论文",
    "heads": "头数",
    "feed-forward size": "前馈维度",
    "vocabulary": "词表",
    "length": "长度",
    "tokenizer": "分词器",
    "{kind}, lower case": "{kind}，小写",
    # training data
    "Not recorded in the folder that this one was exported from.": "导出所用的文件夹没有记录。",
    "What it was trained on is not recorded here; whoever trained it may tell.": (
        "这里没有记录训练所用的数据；请询问训练者。"
    ),
    "continued from": "续训自",
    "imported from": "导入自",
    "documents": "文档数",
    "{kept:,}, of {read:,} that came in": "{kept:,}（读入 {read:,}）",
    "Chinese characters": "汉字数",
    "text": "文本",
    "dropped documents": "剔除的文档",
    "tokens seen": "见过的词元",
    "{tokens:,}, repeated ones included": "{tokens:,}，含重复",
    "sources in the held-out text": "留出文本的来源",
    "sha256 of the shards' manifest": "分片清单的 sha256",
    "source": "来源",
    "share of the text": "占文本比例",
    "{more:,} more": "另有 {more:,} 个",
    "Not recorded, so not known here: of what years these texts are, and under which licence.": (
        "未记录，因而不详：这些文本的年代与许可。"
    ),
    "Not recorded, so not known here: how many documents these were, where they came from, "
    "of what years they are, and under which licence.": "未记录，因而不详：文档的数量、来源、年代与许可。",
    "That of the model it went on from is not counted.": "续训之前的模型所用的数据不计在内。",
    "Of what it was fine-tuned on, no more than the names above is recorded.": (
        "微调所用的数据，除上面的名称外没有记录。"
    ),
    # training
    "objective": "目标",
    "masked language model, whole words": "掩码语言模型，全词掩码",
    "steps": "步数",
    "tokens in a batch": "每批词元数",
    "sample length": "样本长度",
    "optimizer": "优化器",
    "peak learning rate": "峰值学习率",
    "peak learning rate of matrices": "矩阵的峰值学习率",
    "weight decay": "权重衰减",
    "masked share": "掩码比例",
    "{first}, {last} at the end": "{first}，结束时 {last}",
    "precision": "精度",
    "held-out loss (nats a masked token)": "留出损失（nat／被遮词元）",
    "held-out accuracy": "留出准确率",
    "{value:.4f} at step {step:,}": "{value:.4f}（第 {step:,} 步）",
    # evaluation
    "No scores on tasks came with this export; `gaupt evaluate` makes some.": (
        "导出时没有附带任务得分；可用 `gaupt evaluate` 测得。"
    ),
    "task": "任务",
    "metric": "指标",
    "scored on": "评分于",
    "score": "得分",
    "{rows:,} rows of {split}": "{split} 集 {rows:,} 条",
    "{rows:,} characters": "{rows:,} 字",
    "({low:+.2f} to {high:+.2f})": "（{low:+.2f} 到 {high:+.2f}）",
    "Measured by `gaupt evaluate`, in percent: {head}.": "由 `gaupt evaluate` 测得，单位为百分比：{head}。",
    "Measured by `gaupt evaluate`, in percent but for bits: {head}.": (
        "由 `gaupt evaluate` 测得，除比特外单位为百分比：{head}。"
    ),
    "In brackets: the lead of this model over what learns without pretraining, 95% interval.": (
        "括号内：本模型领先未经预训练者的幅度，95% 置信区间。"
    ),
    "Average {name}: {value:.2f}.": "平均分 {name}：{value:.2f}。",
    # use
    "`PATH` is this folder, or its name on the Hub.": "`PATH` 是本文件夹，或它在 Hub 上的名字。",
    "`AutoModel` gives the states of the tokens; `AutoModelForSequenceClassification`, "
    "`AutoModelForTokenClassification`, `AutoModelForQuestionAnswering` and "
    "`AutoModelForMultipleChoice` put a new head on them.": (
        "`AutoModel` 给出各词元的状态；`AutoModelForSequenceClassification`、`AutoModelForTokenClassification`、"
        "`AutoModelForQuestionAnswering` 和 `AutoModelForMultipleChoice` 在其上加一个新的头。"
    ),
    "torch and transformers are all it needs; `trust_remote_code=True` runs the Python files of this folder.": (
        "只需要 torch 和 transformers；`trust_remote_code=True` 会运行本文件夹里的 Python 文件。"
    ),
    # limits
    "**Language**: it is made for Chinese. How it does on other languages is not known.": (
        "**语言**：为中文而做；在其他语言上表现如何不详。"
    ),
    "**Length**: it was trained on samples of at most {longest:,} tokens.": (
        "**长度**：训练样本最长 {longest:,} 个词元。"
    ),
    "**Length**: it is meant for {longest:,} tokens.": "**长度**：面向 {longest:,} 个词元以内的文本。",
    "Cut or split what is longer; how well it reads that is not known.": (
        "更长的文本请截断或分段；直接读入效果不详。"
    ),
    "**Pairs of texts**: pretraining had token type 0 alone, so that 1 means nothing.": (
        "**文本对**：预训练只有词元类型 0，因此 1 没有意义。"
    ),
    "**Pairs of texts**: the tokenizer gives token type 0 alone.": "**文本对**：分词器只给出词元类型 0。",
    "Leave `token_type_ids` out, for pairs too.": "文本对也不要传 `token_type_ids`。",
    "**Masks**: the masked-LM head was lost before this export and is drawn anew; fill no masks with it.": (
        "**填空**：掩码语言模型头在导出前已丢失，是重新随机初始化的；不要用来填空。"
    ),
    "**Masks**: fine-tuning changed the encoder and not the masked-LM head; fill no masks with it.": (
        "**填空**：微调改变了编码器而没有改变掩码语言模型头；不要用来填空。"
    ),
    "**Truth**: it gives words that are likely in a place. They are no facts, and it writes no texts.": (
        "**真实性**：它给出某处可能出现的词，不是事实；它也不写文章。"
    ),
    "**Truth**: it always gives an answer, for texts of another kind than it learned from as well. Its scores "
    "are no calibrated probabilities.": (
        "**真实性**：它总会给出答案，即使文本与所学的不同类；得分不是校准过的概率。"
    ),
    "**Bias**: large corpora of Chinese are mostly text of the web, with its errors, prejudices, private data and "
    "gaps. A model may repeat what it read, and gaupt does not look for that.": (
        "**偏差**：大规模中文语料多来自网络，带有其中的错误、偏见、个人信息与缺漏。"
        "模型可能重复读到的内容，gaupt 不检查这一点。"
    ),
    "**Not measured**: how good it is at anything but the tasks above, in your field, and for whom. "
    "Test it on texts of yours.": (
        "**未测量**：除上述任务之外，在您的领域、对哪些人群效果如何。请用自己的文本测试。"
    ),
    "**Not measured**: how good it is at any task, in your field, and for whom. Test it on texts of yours.": (
        "**未测量**：在任何任务上、在您的领域、对哪些人群效果如何。请用自己的文本测试。"
    ),
    # licence
    "Weights: {licence}, as whoever exported them says.": "权重：{licence}，由导出者声明。",
    "Weights: whoever exported them has not said under which licence. Ask before you use or share them.": (
        "权重：导出者没有声明许可。使用或分享之前请先询问。"
    ),
    "They were made from {name}: see its licence too.": "由 {name} 而来：也请查看其许可。",
    "The Python files in this folder are gaupt's: Apache-2.0.": "本文件夹里的 Python 文件属于 gaupt：Apache-2.0。",
}
"""By the English texts."""
_PURPOSES = {
    "fill masks": "填空",
    "give states of tokens": "给出各词元的状态",
    "label a text or a pair of texts": "为一段文本或一对文本分类",
    "rate a text or a pair of texts": "为一段文本或一对文本打分",
    "say of each label whether it fits a text or a pair of texts": "判断每个标签是否适合一段文本或一对文本",
    "label each token of a text": "为文本的每个词元标注",
    "find the answer to a question in a text": "在文本中找出问题的答案",
    "choose the best of several texts": "从几段文本中选出最合适的",
}
"""What a model is for, by `gaupt.exporting.usage`."""
_METRICS = {
    "macro F1": "宏平均 F1",
    "F1 of spans": "实体 F1",
    "macro F1 of strings": "宏平均 F1（按字符串）",
    "exact match": "完全匹配",
    "(EM + F1) / 2": "(EM + F1) / 2",
    "bits a hidden character": "比特／被遮字",
}
CHINESE: Mapping[str, str] = {**CHINESE_TERMS, **_PURPOSES, **_METRICS, **TEXTS}
"""Of a text that is a name too, the text is what counts."""
